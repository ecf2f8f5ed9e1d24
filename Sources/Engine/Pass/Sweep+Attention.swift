import PlumbModel

extension Sweep {
  /// From the normalised input of the block `index` to its weighted values, `[tokens, heads, headSize]`.
  func attention(_ index: Int, _ x: Activation<Float>) -> Activation<Float> {
    let (block, layer) = (transformer.blocks[index], transformer.attention)
    func observe(_ role: ActivationName.Role, _ activation: Activation<Float>) {
      show(ActivationName(block: index, role), activation)
    }
    let projections = Engine.linear(x, [block.query, block.key, block.value], crew)
    let query = projections[0].reshaped([x.rows, layer.heads, layer.headSize])
    let key = projections[1].reshaped([x.rows, layer.keyValueHeads, layer.headSize])
    let value = projections[2].reshaped([x.rows, layer.keyValueHeads, layer.headSize])
    observe(.query, query)
    observe(.key, key)
    observe(.value, value)
    let places = parts.flatMap { part in part.tokens.indices.map { (part.pass.angles, part.pass.tokens.count + $0) } }
    let rotatedQuery = Engine.rotaryEmbedding(query, crew) { places[$0] }
    observe(.rotatedQuery, rotatedQuery)
    let rotatedKey = Engine.rotaryEmbedding(key, crew) { places[$0] }
    observe(.rotatedKey, rotatedKey)
    for part in parts {
      part.pass.caches[index].append(key: rotatedKey, tokens: part.rows)
      part.pass.caches[index].append(value: value, tokens: part.rows)
    }
    let result = attend(rotatedQuery, index)
    observe(.attentionScores, result.scores)
    observe(.attentionWeights, result.weights)
    observe(.attentionValues, result.values)
    reuse(query, key, value, rotatedQuery, rotatedKey)
    return result.values
  }

  /// The tokens whose attention is computed together, because they share keys and values.
  private static let tokensTogether = 6

  /// A few consecutive tokens of one sequence.
  private struct Tokens {
    let rows: AttentionRows
    /// The positions that the cache holds.
    let positions: Int
    /// The first token, as its part counts.
    let first: Int
    let count: Int
    /// The row of the first token in the sweep.
    let row: Int
  }

  private func tokensTogether(_ index: Int) -> [Tokens] {
    parts.flatMap { part in
      let cache = part.pass.caches[index]
      let rows = AttentionRows(
        cache, firstPosition: cache.positions - part.rows.count, positions: cache.positions, crew)
      return stride(from: 0, to: part.rows.count, by: Self.tokensTogether).map { first in
        Tokens(
          rows: rows, positions: cache.positions, first: first,
          count: min(Self.tokensTogether, part.rows.count - first), row: part.rows.lowerBound + first)
      }
    }
  }

  /// Scores, softmax and weighted values of each head of a few tokens, one after the other while they are in the cache.
  ///
  /// Where nobody observes, scores and weights are written to a thread's scratch and forgotten; otherwise to the result.
  private func attend(
    _ query: Activation<Float>, _ index: Int
  ) -> (scores: Activation<Float>, weights: Activation<Float>, values: Activation<Float>) {
    let (heads, size) = (query.shape[1], query.shape[2])
    let together = tokensTogether(index)
    let recordedShape = isObserved ? [heads, query.shape[0], together[0].positions] : [0]
    var scores = [Float](repeating: -.infinity, count: recordedShape.reduce(1, *))
    var weights = [Float](repeating: 0, count: scores.count)
    let values = unsafe Activation.filled(query.shape, crew) { values in
      // Sound: each item reads one head of some tokens and writes that head of the result, a row of `positions` a token
      // of what is recorded, or its worker's scratch.
      unsafe scores.withUnsafeMutableBufferPointer { scores in
        unsafe weights.withUnsafeMutableBufferPointer { weights in
          unsafe query.elements.withUnsafeBufferPointer { query in
            guard let query = query.baseAddress else { return }
            let recorded = (scores: scores.baseAddress, weights: weights.baseAddress)
            crew.run(heads * together.count) { item, worker in
              let (head, tokens) = (item / together.count, together[item % together.count])
              let (rows, positions, count) = (tokens.rows, tokens.positions, tokens.count)
              let place = (tokens.row * heads + head) * size
              let scratch = unsafe crew.scratch(of: worker, bytes: 8 * (1 + count) * positions)
              let doubles = unsafe scratch.assumingMemoryBound(to: Double.self)
              var itsScores = unsafe (scratch + 8 * positions).assumingMemoryBound(to: Float.self)
              var itsWeights = unsafe itsScores + count * positions
              if isObserved, let scores = unsafe recorded.scores, let weights = unsafe recorded.weights {
                let start = (head * recordedShape[1] + tokens.first) * positions
                unsafe (itsScores, itsWeights) = unsafe (scores + start, weights + start)
              }
              unsafe rows.scores(
                query + place, queryStride: heads * size, head: head, token: tokens.first, count: count,
                into: itsScores, stride: positions)
              for row in 0..<count {
                let start = row * positions
                unsafe rows.weights(
                  itsScores + start, token: tokens.first + row, scratch: doubles, into: itsWeights + start)
              }
              unsafe rows.values(
                itsWeights, stride: positions, head: head, token: tokens.first, count: count, into: values + place,
                resultStride: heads * size)
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
