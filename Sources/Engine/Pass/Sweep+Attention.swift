import PlumbModel

extension Sweep {
  /// The scores, the weights and the weighted values `[tokens, heads, valueSize]` of the new tokens, whose keys and values are
  /// kept in the caches `number`; scores and weights are empty unless somebody observes.
  func attention(
    _ number: Int, query: Activation<Float>, key: Activation<Float>, value: Activation<Float>
  ) -> (scores: Activation<Float>, weights: Activation<Float>, values: Activation<Float>) {
    for part in parts {
      part.memory.caches[number].append(key: key, tokens: part.rows, crew)
      part.memory.caches[number].append(value: value, tokens: part.rows)
    }
    return attend(query, number)
  }

  /// The most tokens whose attention is computed together, because they share keys and values.
  private static let tokensTogether = 12

  /// Rows of one sequence that are computed together.
  private struct Piece {
    /// All rows of the sequence.
    let attention: AttentionRows
    /// The rows of the piece; tokens count as their part does.
    let rows: RowsTogether
    /// The positions that the cache holds.
    let positions: Int
    /// The row of the first token in the sweep.
    let row: Int
  }

  /// The pieces of the attention `index`, those of one head after those of another.
  private func pieces(_ index: Int) -> [Piece] {
    let layer = schedule.caches[index].layer
    // Heads of one token share their keys and values; a thread begins in the middle of them where others would wait for it.
    let shares = (crew.size + parts.count - 1) / parts.count
    let perGroup = layer.heads / layer.keyValueHeads
    let cuts = (0..<layer.heads).filter { head in
      head % perGroup == 0 || (1..<shares).contains { head == layer.heads * $0 / shares }
    }
    let runs = zip(cuts, cuts.dropFirst() + [layer.heads]).map { $0..<$1 }
    let sequences = parts.map { part in
      let cache = part.memory.caches[index]
      let attention = AttentionRows(
        cache, firstPosition: cache.positions - part.rows.count, positions: cache.positions, crew)
      return (part, attention, cache.positions)
    }
    let single = runs.flatMap { heads in
      sequences.filter { $0.0.rows.count == 1 }.map { part, attention, positions in
        Piece(
          attention: attention, rows: RowsTogether(heads: heads, token: 0), positions: positions,
          row: part.rows.lowerBound)
      }
    }
    let several = (0..<layer.heads).flatMap { head in
      sequences.filter { $0.0.rows.count > 1 }.flatMap { part, attention, positions in
        stride(from: 0, to: part.rows.count, by: Self.tokensTogether).map { first in
          Piece(
            attention: attention,
            rows: RowsTogether(head: head, tokens: first..<min(first + Self.tokensTogether, part.rows.count)),
            positions: positions, row: part.rows.lowerBound + first)
        }
      }
    }
    return single + several
  }

  /// Scores, softmax and weighted values of each head of a few tokens, one after the other while they are in the cache.
  ///
  /// Scores and weights are written to the result where somebody observes, and else to a thread's scratch and forgotten.
  private func attend(
    _ query: Activation<Float>, _ index: Int
  ) -> (scores: Activation<Float>, weights: Activation<Float>, values: Activation<Float>) {
    let (heads, size, valueSize) = (query.shape[1], query.shape[2], schedule.caches[index].valueSize)
    let pieces = pieces(index)
    let recordedShape = isObserved ? [heads, query.shape[0], pieces[0].positions] : [0]
    var scores = [Float](repeating: -.infinity, count: recordedShape.reduce(1, *))
    var weights = [Float](repeating: 0, count: scores.count)
    let values = unsafe Activation.filled([query.shape[0], heads, valueSize], crew) { values in
      // Sound: each item reads one head of some tokens and writes that head of the result, a row of `positions` a token
      // of what is recorded, or its worker's scratch.
      unsafe scores.withUnsafeMutableBufferPointer { scores in
        unsafe weights.withUnsafeMutableBufferPointer { weights in
          unsafe query.elements.withUnsafeBufferPointer { query in
            guard let query = query.baseAddress else { return }
            let recorded = (scores: scores.baseAddress, weights: weights.baseAddress)
            crew.run(pieces.count) { item, worker in
              let piece = pieces[item]
              let (rows, positions) = (piece.rows, piece.positions)
              let row = piece.row * heads + rows.heads.lowerBound
              let scratch = unsafe crew.scratch(of: worker, bytes: 8 * (1 + rows.count) * positions)
              let doubles = unsafe scratch.assumingMemoryBound(to: Double.self)
              var scores = unsafe (scratch + 8 * positions).assumingMemoryBound(to: Float.self)
              var weights = unsafe scores + rows.count * positions
              if isObserved, let allScores = unsafe recorded.scores, let allWeights = unsafe recorded.weights {
                let start = (rows.heads.lowerBound * recordedShape[1] + rows.tokens.lowerBound) * positions
                unsafe (scores, weights) = unsafe (allScores + start, allWeights + start)
              }
              unsafe piece.attention.scores(rows, query + row * size, into: scores, stride: positions)
              for row in 0..<rows.count {
                let start = row * positions
                unsafe piece.attention.weights(
                  scores + start, head: rows.head(row), token: rows.token(row), scratch: doubles, into: weights + start)
              }
              unsafe piece.attention.values(rows, weights, stride: positions, into: values + row * valueSize)
            }
          }
        }
      }
    }
    return (
      Activation(shape: recordedShape, elements: scores), Activation(shape: recordedShape, elements: weights), values
    )
  }
}
