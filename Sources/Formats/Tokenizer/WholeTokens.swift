/// The tokens that are recognised in a text as a whole, and those that stand around every text.
struct WholeTokens: Sendable {
  /// The tokens before and behind every text.
  let frame: BPETokenizer.Frame
  /// The spelling of each token that is recognised.
  private(set) var texts: [Int: [UInt8]] = [:]
  /// The tokens that steer the model and are no text.
  private(set) var control: Set<Int> = []
  /// The tokens that are looked for in a text as it is, and in what the normalizer leaves.
  private var (early, late) = (SpecialTokens(), SpecialTokens())

  /// Makes them of what a `tokenizer.json` adds to its vocabulary.
  init(
    _ added: [HuggingFaceAddedToken], frame: BPETokenizer.Frame, normalized: (String) -> String
  ) {
    self.frame = frame
    for token in added {
      let bytes = Array(token.content.utf8)
      texts[token.id] = bytes
      if token.isSpecial { control.insert(token.id) }
      func insert(_ bytes: [UInt8], in table: inout SpecialTokens) {
        table.insert(bytes, token: token.id, isControl: token.isSpecial, takesSpace: token.takesSpace)
      }
      if token.isNormalized {
        insert(Array(normalized(token.content).utf8), in: &late)
      } else {
        insert(bytes, in: &early)
      }
    }
  }

  /// The tokens of `text`, of which `tokens` makes those of the parts between, each `normalized`, and is told whether it begins the
  /// text.
  func encode(
    _ text: String, parseSpecial: Bool, normalized: (String) -> String, _ tokens: (String, Bool) -> [Int]
  ) -> [Int] {
    let inner = parts(of: text, by: early, parseSpecial) { part, isFirst in
      parts(of: normalized(part), by: late, parseSpecial) { tokens($0, $1 && isFirst) }
    }
    return frame.prefix + inner + frame.suffix
  }

  private func parts(
    of text: String, by table: SpecialTokens, _ parseSpecial: Bool, _ tokens: (String, Bool) -> [Int]
  ) -> [Int] {
    let bytes = Array(text.utf8)
    return SpecialTokens.parts(of: bytes, by: [table], parseControl: parseSpecial).flatMap { part in
      switch part {
      case .token(let token): [token]
      // The bytes are a whole number of characters: tokens are, and so is what lies between them.
      case .text(let range): tokens(String(decoding: bytes[range], as: UTF8.self), range.lowerBound == 0)
      }
    }
  }
}
