/// A unigram model: of all ways to cut a text into pieces of the vocabulary, the one with the greatest sum of scores.
///
/// Source: Kudo 2018, *Subword Regularization*, section 3.2; `unigram/model.rs` of huggingface/tokenizers, which takes the first of
/// equal sums, and puts unknown characters next to one another into one token.
struct UnigramModel: PieceModel {
  private let pieces: [(bytes: [UInt8], score: Double)]
  private let unknown: Int
  private let byteTokens: [Int?]
  private let numbers: [[UInt8]: Int]
  private let longestPiece: Int
  private let unknownScore: Double

  /// Makes the model of `pieces` with their scores.
  ///
  /// Text without a piece is `unknown`, or the tokens of its bytes where it `fallsBackToBytes` and there is one for each. Its score is
  /// 10 below `leastScore`, by default that of all pieces.
  init(
    pieces: [(bytes: [UInt8], score: Double)], unknown: Int, fallsBackToBytes: Bool = false, leastScore: Double? = nil
  ) {
    self.pieces = pieces
    self.unknown = unknown
    var numbers: [[UInt8]: Int] = [:]
    for (number, piece) in pieces.enumerated() { numbers[piece.bytes] = number }
    self.numbers = numbers
    byteTokens =
      fallsBackToBytes
      ? (UInt8.min...UInt8.max).map { numbers[Array(BPEVocabulary.written($0).utf8)] } : []
    longestPiece = pieces.lazy.map(\.bytes.count).max() ?? 0
    unknownScore = (leastScore ?? pieces.lazy.map(\.score).min() ?? 0) - 10
  }

  func tokens(of piece: ArraySlice<Unicode.Scalar>) throws(TokenizerError) -> [Int] {
    let word = Array(piece)
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
        offer(token, pieces[token].score, end + 1)
        if end == start { isKnown = true }
      }
      if !isKnown { offer(unknown, unknownScore, start + 1) }
    }
    // Back along the best way, last piece first; unknown characters next to one another are one piece.
    var cut: [(token: Int, range: Range<Int>)] = []
    var place = word.count
    while place > 0, let last = best[place] {
      if last.token == unknown, let next = cut.last, next.token == unknown {
        cut[cut.count - 1].range = last.start..<next.range.upperBound
      } else {
        cut.append((last.token, last.start..<place))
      }
      place = last.start
    }
    return cut.reversed().flatMap { token, range in
      token == unknown ? bytes(of: spelled[range].joined()) ?? [unknown] : [token]
    }
  }

  /// The tokens of `bytes`, where each has one.
  private func bytes(of bytes: some Sequence<UInt8>) -> [Int]? {
    guard !byteTokens.isEmpty else { return nil }
    var tokens: [Int] = []
    for byte in bytes {
      guard let token = byteTokens[Int(byte)] else { return nil }
      tokens.append(token)
    }
    return tokens
  }
}
