/// A WordPiece model: each word is cut into the longest pieces that the vocabulary has, from left to right.
///
/// A word that cannot be cut so is the unknown token.
/// Source: Devlin et al. 2019, *BERT*; `wordpiece/mod.rs` of huggingface/tokenizers.
struct WordPieceModel: PieceModel {
  /// The vocabulary and its rules.
  struct Rules: Sendable {
    /// The number of each piece, by its bytes.
    let numbers: [[UInt8]: Int]
    /// The number of the token for words that cannot be cut.
    let unknown: Int
    /// The bytes that pieces within a word begin with in the vocabulary, and those that a word's first piece begins with.
    let continuation: [UInt8]
    var beginning: [UInt8] = []
    /// The most characters of a word that is cut.
    let greatestWord: Int
  }

  private let rules: Rules
  private let longestPiece: Int

  init(_ rules: Rules) {
    self.rules = rules
    longestPiece = rules.numbers.keys.lazy.map(\.count).max() ?? 0
  }

  /// The bytes that the piece written `text` stands for: one within a word for itself, another for the space before it too.
  static func bytes(of text: [UInt8], continuation: [UInt8]) -> [UInt8] {
    text.starts(with: continuation) ? Array(text.dropFirst(continuation.count)) : [UInt8(ascii: " ")] + text
  }

  func tokens(of piece: ArraySlice<Unicode.Scalar>) throws(TokenizerError) -> [Int] {
    let word = Array(piece)
    guard word.count <= rules.greatestWord else { return [rules.unknown] }
    let spelled = word.map { Array(String($0).utf8) }
    var tokens: [Int] = []
    var start = 0
    while start < word.count {
      var piece = start == 0 ? rules.beginning : rules.continuation
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
