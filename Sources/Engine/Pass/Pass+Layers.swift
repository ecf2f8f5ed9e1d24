import PlumbModel

extension Engine.Pass {
  /// The tokens of a chunk whose logits are wanted.
  enum Wanted { case none, last, all }

  /// Takes `chunk` through every layer; the logits that are `wanted`, a row a token.
  func read(_ chunk: [Int], wanting wanted: Wanted, _ observer: Observer?) -> Activation<Float>? {
    var x = Engine.embedding(chunk, transformer.embedding, crew)
    observer?(ActivationName(.embedding), x)
    for index in transformer.blocks.indices {
      x = block(index, x, observer)
    }
    if wanted == .none { return nil }
    let norm = Engine.rmsNorm(x, transformer.finalNorm, crew)
    observer?(ActivationName(.finalNorm), norm)
    let last = Activation(shape: [1, norm.columns], elements: Array(norm.row(norm.rows - 1)))
    let logits = Engine.linear(wanted == .all ? norm : last, [transformer.unembedding], crew)[0]
    observer?(ActivationName(.logits), logits)
    if let observer {
      observer(ActivationName(.probabilities), Engine.softmax(logits, crew) { _ in 0..<logits.columns })
    }
    return logits
  }
}

extension Engine.Pass {
  /// Takes `x` through the block `index`.
  private func block(_ index: Int, _ x: Activation<Float>, _ observer: Observer?) -> Activation<Float> {
    let layer = transformer.blocks[index]
    func observe(_ role: ActivationName.Role, _ activation: Activation<Float>) {
      observer?(ActivationName(block: index, role), activation)
    }
    let attentionNorm = Engine.rmsNorm(x, layer.attentionNorm, crew)
    observe(.attentionNorm, attentionNorm)
    let values = attention(index, attentionNorm, observer)
    let width = values.shape[1] * values.shape[2]
    let attentionOutput = Engine.linear(values.reshaped([x.rows, width]), [layer.output], crew)[0]
    observe(.attentionOutput, attentionOutput)
    let attentionResidual = Engine.residualAdd(x, attentionOutput)
    observe(.attentionResidual, attentionResidual)
    let feedForwardNorm = Engine.rmsNorm(attentionResidual, layer.feedForwardNorm, crew)
    observe(.feedForwardNorm, feedForwardNorm)
    let inner = Engine.linear(feedForwardNorm, [layer.feedForward.gate, layer.feedForward.up], crew)
    observe(.gate, inner[0])
    observe(.up, inner[1])
    let activatedGate = Engine.silu(inner[0], crew)
    observe(.activatedGate, activatedGate)
    let gatedUp = Engine.gate(activatedGate, inner[1])
    observe(.gatedUp, gatedUp)
    let down = Engine.linear(gatedUp, [layer.feedForward.down], crew)[0]
    observe(.down, down)
    let feedForwardResidual = Engine.residualAdd(attentionResidual, down)
    observe(.feedForwardResidual, feedForwardResidual)
    return feedForwardResidual
  }

  /// From the normalised input of the block `index` to its weighted values, `[tokens, heads, headSize]`.
  private func attention(_ index: Int, _ x: Activation<Float>, _ observer: Observer?) -> Activation<Float> {
    let (block, layer) = (transformer.blocks[index], transformer.attention)
    func observe(_ role: ActivationName.Role, _ activation: Activation<Float>) {
      observer?(ActivationName(block: index, role), activation)
    }
    let projections = Engine.linear(x, [block.query, block.key, block.value], crew)
    let query = projections[0].reshaped([x.rows, layer.heads, layer.headSize])
    let key = projections[1].reshaped([x.rows, layer.keyValueHeads, layer.headSize])
    let value = projections[2].reshaped([x.rows, layer.keyValueHeads, layer.headSize])
    observe(.query, query)
    observe(.key, key)
    observe(.value, value)
    let rotatedQuery = Engine.rotaryEmbedding(query, angles, firstPosition: tokens.count)
    observe(.rotatedQuery, rotatedQuery)
    let rotatedKey = Engine.rotaryEmbedding(key, angles, firstPosition: tokens.count)
    observe(.rotatedKey, rotatedKey)
    caches[index].append(key: rotatedKey)
    caches[index].append(value: value)
    let result = attend(rotatedQuery, caches[index], recording: observer != nil)
    observe(.attentionScores, result.scores)
    observe(.attentionWeights, result.weights)
    observe(.attentionValues, result.values)
    return result.values
  }

  /// The tokens whose attention is computed together, because they share keys and values.
  private static let tokensTogether = 6

  /// Scores, softmax and weighted values of each head of a few tokens, one after the other while they are in the cache.
  ///
  /// Where nobody observes, scores and weights are written to a thread's scratch and forgotten; otherwise to the result.
  private func attend(
    _ query: Activation<Float>, _ cache: KeyValueCache, recording: Bool
  ) -> (scores: Activation<Float>, weights: Activation<Float>, values: Activation<Float>) {
    let (tokens, heads, size) = (query.shape[0], query.shape[1], query.shape[2])
    let positions = cache.positions
    let recordedShape = [recording ? heads : 0, tokens, positions]
    let rows = AttentionRows(cache, firstPosition: positions - tokens, positions: positions, crew)
    var scores = [Float](repeating: -.infinity, count: recordedShape.reduce(1, *))
    var weights = [Float](repeating: 0, count: scores.count)
    let values = unsafe Activation.filled(query.shape) { values in
      // Sound: each item reads one head of some tokens and writes that head of the result, a row of `positions` a token
      // of what is recorded, or its worker's scratch.
      unsafe scores.withUnsafeMutableBufferPointer { scores in
        unsafe weights.withUnsafeMutableBufferPointer { weights in
          unsafe query.elements.withUnsafeBufferPointer { query in
            guard let query = query.baseAddress else { return }
            let recorded = (scores: scores.baseAddress, weights: weights.baseAddress)
            let blocks = (tokens + Self.tokensTogether - 1) / Self.tokensTogether
            crew.run(heads * blocks) { item, worker in
              let (head, token) = (item / blocks, item % blocks * Self.tokensTogether)
              let count = min(Self.tokensTogether, tokens - token)
              let place = (token * heads + head) * size
              let scratch = unsafe crew.scratch(of: worker, bytes: 8 * (1 + count) * positions)
              let doubles = unsafe scratch.assumingMemoryBound(to: Double.self)
              var itsScores = unsafe (scratch + 8 * positions).assumingMemoryBound(to: Float.self)
              var itsWeights = unsafe itsScores + count * positions
              if recording, let scores = unsafe recorded.scores, let weights = unsafe recorded.weights {
                let start = (head * tokens + token) * positions
                unsafe (itsScores, itsWeights) = unsafe (scores + start, weights + start)
              }
              unsafe rows.scores(
                query + place, queryStride: heads * size, head: head, token: token, count: count, into: itsScores,
                stride: positions)
              for row in 0..<count {
                let start = row * positions
                unsafe rows.weights(
                  itsScores + start, token: token + row, scratch: doubles, into: itsWeights + start)
              }
              unsafe rows.values(
                itsWeights, stride: positions, head: head, token: token, count: count, into: values + place,
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
