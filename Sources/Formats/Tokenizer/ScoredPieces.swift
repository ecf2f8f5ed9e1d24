/// SentencePiece's byte-pair encoding: of the neighbours that together are a piece of the vocabulary, those of the greatest score become
/// it, and of equals the leftmost.
///
/// A character that is in no piece falls back to the tokens of its bytes. A list of merges, which huggingface/tokenizers makes of such a
/// vocabulary, has each way to cut a piece in two; here any two neighbours merge that spell a piece, also where one of them is none.
/// Source: `llm_tokenizer_spm_session` of llama.cpp; Kudo & Richardson 2018, *SentencePiece*.
struct ScoredPieces: PieceModel {
  private let numbers: [[UInt8]: Int32]
  /// The place of each token in the order of scores, equal for equal ones.
  private let ranks: [Int32]
  private let byteTokens: [Int32?]
  private let longest: Int

  /// Makes the model of `vocabulary`, of which each token has a score that is a number.
  init(_ vocabulary: BPEVocabulary, scores: [Float]) {
    numbers = vocabulary.numbers.mapValues(Int32.init)
    byteTokens = vocabulary.byteTokens
    longest = vocabulary.numbers.keys.lazy.map(\.count).max() ?? 0
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var ranks = [Int32](repeating: 0, count: scores.count)
    for (place, token) in order.enumerated() {
      let isEqual = place > 0 && scores[order[place - 1]] == scores[token]
      ranks[token] = isEqual ? ranks[order[place - 1]] : Int32(place)
    }
    self.ranks = ranks
  }

  func tokens(of piece: ArraySlice<Unicode.Scalar>) throws(TokenizerError) -> [Int] {
    var bytes: [UInt8] = []
    // The place of each character in the bytes, and of their end.
    var starts = [0]
    for scalar in piece {
      bytes.append(contentsOf: String(scalar).utf8)
      starts.append(bytes.count)
    }
    func token(_ start: Int, _ end: Int) -> Int32? {
      let range = starts[start]..<starts[end]
      return range.count > longest ? nil : numbers[Array(bytes[range])]
    }
    let unknown: Int32 = -1
    var chain = SymbolChain((0..<piece.count).map { token($0, $0 + 1) ?? unknown })
    chain.merge { _, end, left, _ in
      token(left, end).map { SymbolChain.Merge(rank: ranks[Int($0)], result: $0) }
    }
    var tokens: [Int] = []
    for (symbol, range) in chain.remaining {
      if symbol != unknown {
        tokens.append(Int(symbol))
        continue
      }
      for place in starts[range.lowerBound]..<starts[range.upperBound] {
        guard let token = byteTokens[Int(bytes[place])] else { throw .noTokenForByte(bytes[place], offset: place) }
        tokens.append(Int(token))
      }
    }
    return tokens
  }
}
