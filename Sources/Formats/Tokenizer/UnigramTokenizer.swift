/// A unigram tokenizer: of all ways to cut a text into pieces of the vocabulary, the one with the greatest sum of scores.
///
/// Source: Kudo 2018, *Subword Regularization*, section 3.2; `unigram/model.rs` of huggingface/tokenizers, which takes the first of
/// equal sums, and puts unknown characters next to one another into one token.
public struct UnigramTokenizer: Tokenizer {
  /// The pieces and the rules by which a text is put before them.
  struct Rules: Sendable {
    /// The bytes and the score of each piece.
    let pieces: [(bytes: [UInt8], score: Double)]
    /// The number of the token for what has no piece.
    let unknown: Int
    /// The map of characters that comes first.
    let map: CharacterMap
    /// Whether runs of spaces become one.
    let joinsSpaces: Bool
    /// Whether white space ends words and is left out, rather than spaces alone that begin the next.
    let splitsAtSpaces: Bool
    /// Whether every word begins with a mark, or only the first of a text, or none that has none.
    let marks: Marks

    /// The `text` with its characters mapped, and its runs of spaces joined where the rules say so.
    func normalized(_ text: String) -> String {
      let mapped = map.mapped(text)
      guard joinsSpaces else { return mapped }
      var scalars = String.UnicodeScalarView()
      for scalar in mapped.unicodeScalars where scalar != " " || scalars.last != " " { scalars.append(scalar) }
      return String(scalars)
    }
  }

  /// The words that begin with a mark although no space stands before them.
  enum Marks: String, Sendable { case always, first, never }

  /// The number of tokens.
  public let vocabularySize: Int
  /// The tokens after which a model has nothing more to say: none.
  public let endOfText: Set<Int> = []

  private let rules: Rules
  private let whole: WholeTokens
  private let numbers: [[UInt8]: Int]
  private let longestPiece: Int
  private let unknownScore: Double
  /// The mark in place of a space, U+2581.
  private static let mark: Unicode.Scalar = "\u{2581}"

  /// Makes the tokenizer of `vocabularySize` tokens.
  init(_ rules: Rules, _ whole: WholeTokens, vocabularySize: Int) {
    self.rules = rules
    self.whole = whole
    self.vocabularySize = vocabularySize
    numbers = Dictionary(rules.pieces.enumerated().map { ($1.bytes, $0) }, uniquingKeysWith: { $1 })
    longestPiece = rules.pieces.lazy.map(\.bytes.count).max() ?? 0
    unknownScore = (rules.pieces.lazy.map(\.score).min() ?? 0) - 10
  }

  /// The tokens of `text`; it never throws, as what has no piece is the unknown token.
  public func encode(_ text: String, parseSpecial: Bool) throws(TokenizerError) -> [Int] {
    whole.encode(text, parseSpecial: parseSpecial, normalized: rules.normalized) { part, isFirst in
      words(part, isFirst: isFirst).flatMap(pieces)
    }
  }

  /// The bytes that `token` stands for: none for a token outside the vocabulary.
  public func bytes(of token: Int) -> [UInt8] {
    if let bytes = whole.texts[token] { return bytes }
    guard rules.pieces.indices.contains(token) else { return [] }
    let text = String(decoding: rules.pieces[token].bytes, as: UTF8.self)
    return Array(String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == Self.mark ? " " : $0 })).utf8)
  }

  /// Whether `token` is a control token: one that steers the model and is no text.
  public func isSpecial(_ token: Int) -> Bool { whole.control.contains(token) }

  /// The words of `text`, each with its mark.
  private func words(_ text: String, isFirst: Bool) -> [[Unicode.Scalar]] {
    let scalars = text.unicodeScalars
    let parts =
      rules.splitsAtSpaces
      ? scalars.split(whereSeparator: \.properties.isWhitespace).map { Array($0) } : [Array(scalars)]
    var words: [[Unicode.Scalar]] = []
    for (index, part) in parts.enumerated() where !part.isEmpty {
      var marked = part.map { $0 == " " ? Self.mark : $0 }
      let isMarked = rules.marks == .always || rules.marks == .first && isFirst && index == 0
      if isMarked, marked[0] != Self.mark { marked.insert(Self.mark, at: 0) }
      var word: [Unicode.Scalar] = []
      for scalar in marked {
        if scalar == Self.mark, !word.isEmpty {
          words.append(word)
          word = []
        }
        word.append(scalar)
      }
      words.append(word)
    }
    return words
  }

  /// The tokens of `word`.
  private func pieces(_ word: [Unicode.Scalar]) -> [Int] {
    let spelled = word.map { Array(String($0).utf8) }
    // The best way to each place: its sum, where its last piece begins, and that piece.
    var best: [(sum: Double, start: Int, token: Int)?] = [(0, 0, 0)] + [_](repeating: nil, count: word.count)
    for start in word.indices {
      guard let sum = best[start]?.sum else { continue }
      var piece: [UInt8] = []
      var isKnown = false
      func offer(_ token: Int, _ score: Double, _ end: Int) {
        if best[end].map({ sum + score > $0.sum }) ?? true { best[end] = (sum + score, start, token) }
      }
      for end in start..<word.count {
        piece += spelled[end]
        if piece.count > longestPiece { break }
        guard let token = numbers[piece] else { continue }
        offer(token, rules.pieces[token].score, end + 1)
        if end == start { isKnown = true }
      }
      if !isKnown { offer(rules.unknown, unknownScore, start + 1) }
    }
    var tokens: [Int] = []
    var place = word.count
    while place > 0, let last = best[place] {
      if last.token != rules.unknown || tokens.last != rules.unknown { tokens.append(last.token) }
      place = last.start
    }
    return tokens.reversed()
  }
}
