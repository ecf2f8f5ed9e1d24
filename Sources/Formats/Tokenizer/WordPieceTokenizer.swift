/// A WordPiece tokenizer: each word of a text is cut into the longest pieces that the vocabulary has, from left to right.
///
/// A word that cannot be cut so is the unknown token.
/// Source: Devlin et al. 2019, *BERT*; `wordpiece/mod.rs` of huggingface/tokenizers.
public struct WordPieceTokenizer: Tokenizer {
  /// The vocabulary and its rules.
  struct Rules: Sendable {
    /// The number of each piece, by its bytes.
    let numbers: [[UInt8]: Int]
    /// The number of the token for words that cannot be cut.
    let unknown: Int
    /// The bytes that pieces within a word begin with in the vocabulary.
    let continuation: [UInt8]
    /// The most characters of a word that is cut.
    let greatestWord: Int
  }

  /// The number of tokens.
  public let vocabularySize: Int
  /// The tokens after which a model has nothing more to say: none.
  public let endOfText: Set<Int> = []

  private let rules: Rules
  private let normalizer: BertNormalizer
  private let whole: WholeTokens
  private let texts: [[UInt8]]
  private let longestPiece: Int

  /// Makes the tokenizer of `vocabularySize` tokens.
  init(_ rules: Rules, _ normalizer: BertNormalizer, _ whole: WholeTokens, vocabularySize: Int) {
    self.rules = rules
    self.normalizer = normalizer
    self.whole = whole
    self.vocabularySize = vocabularySize
    longestPiece = rules.numbers.keys.lazy.map(\.count).max() ?? 0
    var texts = [[UInt8]](repeating: [], count: vocabularySize)
    for (bytes, id) in rules.numbers where texts.indices.contains(id) {
      // A piece within a word stands for itself, another for the space before it too.
      let isInside = bytes.starts(with: rules.continuation)
      texts[id] = isInside ? Array(bytes.dropFirst(rules.continuation.count)) : [UInt8(ascii: " ")] + bytes
    }
    for (id, bytes) in whole.texts where texts.indices.contains(id) { texts[id] = bytes }
    self.texts = texts
  }

  /// The tokens of `text`; it never throws, as a word that has no tokens is the unknown one.
  public func encode(_ text: String, parseSpecial: Bool) throws(TokenizerError) -> [Int] {
    whole.encode(text, parseSpecial: parseSpecial, normalized: normalizer.normalized) { part, _ in
      normalizer.words(part).flatMap(pieces)
    }
  }

  /// The bytes that `token` stands for: none for a token outside the vocabulary.
  public func bytes(of token: Int) -> [UInt8] { texts.indices.contains(token) ? texts[token] : [] }

  /// Whether `token` is a control token: one that steers the model and is no text.
  public func isSpecial(_ token: Int) -> Bool { whole.control.contains(token) }

  /// The tokens of `word`.
  private func pieces(_ word: [Unicode.Scalar]) -> [Int] {
    guard word.count <= rules.greatestWord else { return [rules.unknown] }
    let spelled = word.map { Array(String($0).utf8) }
    var tokens: [Int] = []
    var start = 0
    while start < word.count {
      var piece = start == 0 ? [] : rules.continuation
      var found: (token: Int, end: Int)?
      for end in start..<word.count {
        piece += spelled[end]
        if piece.count > longestPiece { break }
        if let token = rules.numbers[piece] { found = (token, end + 1) }
      }
      guard let (token, end) = found else { return [rules.unknown] }
      tokens.append(token)
      start = end
    }
    return tokens
  }
}
