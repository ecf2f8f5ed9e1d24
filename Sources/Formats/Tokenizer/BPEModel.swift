/// Byte-pair encoding: each character of a piece is a symbol, and symbols are merged in the order of a list.
///
/// A byte-level model gets its pieces in the alphabet of bytes; another has tokens of characters, and perhaps one for each byte, to
/// which a character falls back that has no token.
/// Source: Sennrich, Haddow & Birch 2016; `bpe/model.rs` of huggingface/tokenizers.
struct BPEModel: PieceModel {
  /// The rules besides the vocabulary.
  struct Rules {
    /// The pieces that are a token as a whole, whatever the merges say.
    enum WholePieces { case none, all, lineEnds }

    var wholePieces = WholePieces.none
    /// Whether a character without a token is the tokens of its bytes, where the vocabulary has them.
    var fallsBackToBytes = false
    /// The token for what has none.
    var unknown: Int?
    /// Whether several of these in a row are one.
    var joinsUnknown = false
  }

  private let numbers: [[UInt8]: Int]
  private let merges: MergeTable
  private let byteTokens: [Int32?]
  private let rules: Rules
  private let isByteLevel: Bool
  /// The token of each character that has one.
  private let characters: [UInt32: Int32]

  init(_ vocabulary: BPEVocabulary, _ rules: Rules, isByteLevel: Bool) {
    numbers = rules.wholePieces == .none ? [:] : vocabulary.numbers
    merges = vocabulary.merges
    byteTokens = rules.fallsBackToBytes ? vocabulary.byteTokens : []
    self.rules = rules
    self.isByteLevel = isByteLevel
    var characters: [UInt32: Int32] = [:]
    for (text, id) in vocabulary.numbers where text.count <= 4 {
      let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
      if let first = scalars.first, scalars.count == 1 { characters[first.value] = Int32(id) }
    }
    self.characters = characters
  }

  func tokens(of piece: ArraySlice<Unicode.Scalar>) throws(TokenizerError) -> [Int] {
    if let whole = whole(piece) { return [whole] }
    var symbols: [Int32] = []
    // A token for what has none waits, as the next such may be part of it.
    var unknown: Int32?
    var offset = 0
    for scalar in piece {
      let width = isByteLevel ? 1 : UTF8.width(scalar)
      if let symbol = characters[scalar.value] {
        if let unknown { symbols.append(unknown) }
        unknown = nil
        symbols.append(symbol)
      } else if let bytes = bytes(of: scalar) {
        symbols += bytes
      } else if let token = rules.unknown {
        if let waiting = unknown, !rules.joinsUnknown { symbols.append(waiting) }
        unknown = Int32(token)
      } else {
        let bytes = isByteLevel ? ByteAlphabet.bytes(of: String(scalar)) ?? [] : Array(String(scalar).utf8)
        throw .noTokenForByte(bytes.first ?? 0, offset: offset)
      }
      offset += width
    }
    if let unknown { symbols.append(unknown) }
    return merges.merged(symbols).map(Int.init)
  }

  private func whole(_ piece: ArraySlice<Unicode.Scalar>) -> Int? {
    switch rules.wholePieces {
    case .none: return nil
    case .lineEnds where !piece.allSatisfy { $0 == "\n" }: return nil
    case .all, .lineEnds: return numbers[Array(String(String.UnicodeScalarView(piece)).utf8)]
    }
  }

  /// The tokens of the bytes of `scalar`, where each has one.
  private func bytes(of scalar: Unicode.Scalar) -> [Int32]? {
    guard !byteTokens.isEmpty else { return nil }
    let tokens = String(scalar).utf8.compactMap { byteTokens[Int($0)] }
    return tokens.count == UTF8.width(scalar) ? tokens : nil
  }
}
