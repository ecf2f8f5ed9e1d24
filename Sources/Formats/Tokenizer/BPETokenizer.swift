/// A byte-level byte-pair tokenizer: the kind that GGUF files call `gpt2`.
///
/// Special tokens are found first; the text between them is cut into pieces by the pre-tokenizer; each piece's bytes
/// are merged. Decoding undoes it exactly: the bytes of the tokens of a text are the bytes of the text, or, where the
/// tokenizer composes characters first, of the text in Unicode's normal form C.
public struct BPETokenizer: Tokenizer {
  /// The tokens before and behind every text, and whether a space is put before it.
  package struct Frame {
    package init() {}
    var prefix: [Int] = []
    var suffix: [Int] = []
    var addsSpace = false
  }

  /// The tokens after which a model has nothing more to say.
  public let endOfText: Set<Int>

  private let tokenBytes: [[UInt8]]
  private let isSpecialToken: [Bool]
  private let specialTokens: [SpecialTokens]
  private let tokenOfByte: [Int32?]
  private let merges: MergeTable
  private let preTokenizer: PreTokenizer
  /// The tokens by their bytes, for pieces that are themselves tokens.
  ///
  /// A piece found here is its token, whatever the merges say (Llama 3); there are none for other tokenizers.
  private let wholePieces: [[UInt8]: Int]
  private let frame: Frame
  /// Whether what lies between the first special tokens is put in Unicode's normal form C, as Qwen's tokenizers do.
  private let composes: Bool

  /// Makes the tokenizer.
  package init(
    vocabulary: BPEVocabulary, preTokenizer: PreTokenizer, takesWholePieces: Bool, frame: Frame, endOfText: Set<Int>,
    composes: Bool = false
  ) {
    tokenBytes = vocabulary.tokenBytes
    isSpecialToken = vocabulary.isSpecial
    specialTokens = vocabulary.specialTokens
    tokenOfByte = (UInt8.min...UInt8.max).map { vocabulary.idByBytes[[$0]].map(Int32.init) }
    merges = vocabulary.merges
    self.preTokenizer = preTokenizer
    wholePieces = takesWholePieces ? vocabulary.idByBytes : [:]
    self.frame = frame
    self.endOfText = endOfText
    self.composes = composes
  }

  /// The number of tokens.
  public var vocabularySize: Int { tokenBytes.count }

  /// The tokens of `text`.
  ///
  /// - Throws: `TokenizerError` when the vocabulary has no token for a byte of the text.
  public func encode(_ text: String, parseSpecial: Bool) throws(TokenizerError) -> [Int] {
    let space: [UInt8] = frame.addsSpace && text.utf8.first != UInt8(ascii: " ") ? [UInt8(ascii: " ")] : []
    let bytes = space + Array(text.utf8)
    var tokens = frame.prefix
    func append(_ bytes: [UInt8], _ tables: ArraySlice<SpecialTokens>, startingAt start: Int) throws(TokenizerError) {
      // Tokens of the second table are looked for in composed text.
      let first = composes ? tables.prefix(1) : tables
      for part in SpecialTokens.parts(of: bytes, by: Array(first), parseControl: parseSpecial) {
        switch part {
        case .token(let token): tokens.append(token)
        case .text(let range):
          guard first.count < tables.count else {
            try appendTokens(of: bytes, range, startingAt: start, to: &tokens)
            continue
          }
          let composed = Array(String(decoding: bytes[range], as: UTF8.self).composed.utf8)
          try append(composed, tables.dropFirst(), startingAt: start)
        }
      }
    }
    try append(bytes, specialTokens[...], startingAt: space.count)
    return tokens + frame.suffix
  }

  /// The bytes that `token` stands for: none for a token outside the vocabulary.
  public func bytes(of token: Int) -> [UInt8] { tokenBytes.indices.contains(token) ? tokenBytes[token] : [] }

  /// Whether `token` is a control token: one that steers the model and is no text.
  public func isSpecial(_ token: Int) -> Bool { isSpecialToken.indices.contains(token) && isSpecialToken[token] }

  private func appendTokens(
    of bytes: [UInt8], _ range: Range<Int>, startingAt textStart: Int, to tokens: inout [Int]
  ) throws(TokenizerError) {
    // The bytes are a whole number of characters: special tokens are, and so is what lies between them.
    let scalars = Array(String(decoding: bytes[range], as: UTF8.self).unicodeScalars)
    var scalarStart = 0
    var start = range.lowerBound
    for scalarEnd in preTokenizer.pieceEnds(scalars) {
      let end = start + scalars[scalarStart..<scalarEnd].reduce(0) { $0 + UTF8.width($1) }
      if let whole = wholePieces.isEmpty ? nil : wholePieces[Array(bytes[start..<end])] {
        tokens.append(whole)
      } else {
        var symbols: [Int32] = []
        for place in start..<end {
          guard let symbol = tokenOfByte[Int(bytes[place])] else {
            throw .noTokenForByte(bytes[place], offset: max(place - textStart, 0))
          }
          symbols.append(symbol)
        }
        tokens += merges.merged(symbols).map(Int.init)
      }
      (scalarStart, start) = (scalarEnd, end)
    }
  }
}
