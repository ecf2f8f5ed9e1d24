/// The tokens that are recognised in a text as a whole, and those that stand around every text.
struct WholeTokens: Sendable {
  /// The tokens before and behind every text.
  let frame: BPETokenizer.Frame
  /// What each token that is recognised is written as.
  private(set) var texts: [Int: [UInt8]] = [:]
  /// Those that steer the model and are no text.
  private(set) var control: Set<Int> = []
  private var found = SpecialTokens()

  /// Makes them of what a `tokenizer.json` adds to its vocabulary.
  init(_ added: [HuggingFaceAddedToken], frame: BPETokenizer.Frame) {
    self.frame = frame
    for token in added {
      let bytes = Array(token.content.utf8)
      texts[token.id] = bytes
      if token.isSpecial { control.insert(token.id) }
      found.insert(bytes, token: token.id, isControl: token.isSpecial, takesSpace: token.takesSpace)
    }
  }

  /// The tokens of `text`, of which `tokens` makes those of the parts between.
  func encode(_ text: String, parseSpecial: Bool, _ tokens: (String) -> [Int]) -> [Int] {
    let bytes = Array(text.utf8)
    let inner = SpecialTokens.parts(of: bytes, by: [found], parseControl: parseSpecial).flatMap { part in
      switch part {
      case .token(let token): [token]
      // The bytes are a whole number of characters: tokens are, and so is what lies between them.
      case .text(let range): tokens(String(decoding: bytes[range], as: UTF8.self))
      }
    }
    return frame.prefix + inner + frame.suffix
  }
}
