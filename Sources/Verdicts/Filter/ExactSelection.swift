import PlumbBounds
import PlumbExact
import PlumbModel
import PlumbReference

/// A few elements of an activation by the exact path: each layer on no more of its inputs than they need.
struct ExactSelection {
  let step: Step
  let inputs: [Activation<Float>]
  let engine: Activation<Float>
  let tokens: [Int]
  let turns: [RotaryEmbeddingLayer: RotaryTurns]

  /// The elements at `places`, by the inputs that they need.
  func parts(_ places: [Int]) -> [ExactPart] {
    let inputs = step.taken(inputs)
    func input(_ index: Int = 0) -> Activation<Float> { step.operation.arranged(inputs[index]) }
    switch step.operation {
    case .embedding(let layer):
      return rows(places, columns: layer.weight.columns) { row, _ throws(EnclosureError) in
        try Checks.embedding([tokens[row]], layer)
      }
    case .rmsNorm(let layer): return rmsNorm(places, input(), layer)
    case .linear(let layer): return linear(places, input(), layer)
    case .unembedding(let layer, let cap): return linear(places, input(), layer, softCap: cap)
    case .rotaryEmbedding(let layer): return rotaryEmbedding(places, input(), layer)
    case .attentionScores(let layer): return attentionScores(places, input(0), input(1), layer)
    case .softmax(let layer):
      let scores = input()
      let tokens = layer == nil ? 1 : scores.shape[1]
      return softmax(places, scores, sink: { row in layer?.sinks?.logits[row / tokens] }) {
        layer?.allows(query: $0 % tokens, key: $1) ?? true
      }
    case .attentionValues(let layer): return attentionValues(places, input(0), input(1), layer)
    case .residualAdd, .scale, .activation, .gate, .clampedGate, .clamp:
      return elements(places, (0..<inputs.count).map { input($0) }) { inputs, precision throws(EnclosureError) in
        try Checks.expectation(of: step, inputs, tokens: [], precision: precision)
      }
    case .expertSum:
      let sum = ExpertSum(of: inputs[0], inputs[1])
      return attentionValues(places, sum.weights, sum.values, sum.layer)
    case .learnedPosition, .layerNorm, .router, .expertLinear:
      return [
        ExactPart(places: places, within: places) { precision throws(EnclosureError) in
          try Checks.expectation(of: step, inputs, tokens: tokens, output: engine, precision: precision)
        }
      ]
    }
  }

  /// A layer that takes elements one by one.
  private func elements(
    _ places: [Int], _ inputs: [Activation<Float>],
    _ expectation: @escaping (_ inputs: [Activation<Float>], _ precision: Int) throws(EnclosureError) -> Expectation?
  ) -> [ExactPart] {
    let chosen = inputs.map { input in
      Activation<Float>(shape: [places.count], elements: places.map { input.elements[$0] })
    }
    return [ExactPart(places: places) { precision throws(EnclosureError) in try expectation(chosen, precision) }]
  }

  /// A layer that takes rows of `columns` elements one by one.
  private func rows(
    _ places: [Int], columns: Int,
    _ expectation: @escaping (_ row: Int, _ precision: Int) throws(EnclosureError) -> Expectation?
  ) -> [ExactPart] {
    Dictionary(grouping: places) { $0 / columns }.sorted { $0.key < $1.key }.map { row, places in
      ExactPart(places: places, within: places.map { $0 % columns }) { precision throws(EnclosureError) in
        try expectation(row, precision)
      }
    }
  }

  /// As `rows`, of a layer that gives single elements of a row.
  private func elements(
    _ places: [Int], ofRows columns: Int,
    _ expectation: @escaping (_ row: Int, _ columns: [Int], _ precision: Int) throws(EnclosureError) -> Expectation?
  ) -> [ExactPart] {
    Dictionary(grouping: places) { $0 / columns }.sorted { $0.key < $1.key }.map { row, places in
      ExactPart(places: places) { precision throws(EnclosureError) in
        try expectation(row, places.map { $0 % columns }, precision)
      }
    }
  }

  private func rmsNorm(_ places: [Int], _ x: Activation<Float>, _ layer: RMSNormLayer) -> [ExactPart] {
    elements(places, ofRows: x.columns) { row, columns, precision throws(EnclosureError) in
      try Checks.rmsNorm(
        Activation(shape: [1, x.columns], elements: Array(x.row(row))), layer, columns: columns, precision: precision)
    }
  }

  /// The parts of a matrix product: for each row of inputs the outputs that are wanted.
  private func linear(
    _ places: [Int], _ x: Activation<Float>, _ layer: LinearLayer, softCap: Float? = nil
  ) -> [ExactPart] {
    elements(places, ofRows: layer.weight.rows) { row, outputs, precision throws(EnclosureError) in
      let product = try Checks.linear(row: x.row(row), layer, outputs: outputs)
      guard let softCap, let product else { return product }
      return try Checks.softCapped(product, softCap, precision: precision)
    }
  }

  /// The parts of a rotary embedding: the pairs that are wanted; a turned one is the whole of a head of two.
  private func rotaryEmbedding(_ places: [Int], _ x: Activation<Float>, _ layer: RotaryEmbeddingLayer) -> [ExactPart] {
    let (heads, headSize, turns) = (x.shape[1], x.shape[2], turns[layer])
    var (single, unturned) = (layer, layer)
    (single.rotatedSize, unturned.rotatedSize) = (2, 0)
    (single.firstRotated, unturned.firstRotated) = (0, 0)
    let parts = (0..<layer.rotatedSize / 2).flatMap { index in
      let pair = layer.pair(index)
      return [pair.first, pair.second].enumerated().map { (place: $1, pair: pair, index: index, within: $0) }
    }.sorted { $0.place < $1.place }
    return places.map { place in
      let (row, token, element) = (place / headSize, place / headSize / heads, place % headSize)
      guard layer.rotated.contains(element) else {
        return ExactPart(places: [place]) { [unturned] precision throws(EnclosureError) in
          let x = Activation<Float>(shape: [1, 1, 1], elements: [x.elements[place]])
          return try Checks.rotaryEmbedding(x, unturned, firstPosition: token, precision: precision)
        }
      }
      let part = parts[element - layer.firstRotated]
      let (a, b) = (x.elements[row * headSize + part.pair.first], x.elements[row * headSize + part.pair.second])
      return ExactPart(places: [place], within: [part.within]) { [single] precision throws(EnclosureError) in
        let known = precision == LocalMeasurement.firstPrecision ? turns?.exact.row(token) : nil
        let all =
          if let known { known } else {
            try Reference.rotaryTurns(layer, token..<token + 1, precision: precision).row(0)
          }
        return try Checks.rotaryEmbedding(
          Activation(shape: [1, 1, 2], elements: [a, b]), single, firstPosition: token,
          turns: Activation(shape: [1, 1], elements: [all[all.startIndex + part.index]]), precision: precision)
      }
    }
  }

  /// The parts of attention scores: a query and a key each.
  private func attentionScores(
    _ places: [Int], _ query: Activation<Float>, _ key: Activation<Float>, _ layer: AttentionLayer
  ) -> [ExactPart] {
    let (tokens, positions) = (query.shape[0], key.shape[0])
    let heads = (0..<layer.heads).map { layer.ofHead($0) }
    return places.map { place in
      let (head, token, position) = (place / positions / tokens, place / positions % tokens, place % positions)
      let shape = [1, 1, layer.headSize]
      let queries = Activation(shape: shape, elements: Array(query.row(token * layer.heads + head)))
      let keys = Activation(
        shape: shape, elements: Array(key.row(position * layer.keyValueHeads + layer.keyValueHead(of: head))))
      return ExactPart(places: [place]) { precision throws(EnclosureError) in
        try Checks.attentionScores(
          queries, keys, heads[head], firstPosition: token - position, precision: precision)
      }
    }
  }

  /// The parts of a softmax of each row over the columns that are allowed in it, and its sink.
  private func softmax(
    _ places: [Int], _ x: Activation<Float>, sink: @escaping (_ row: Int) -> Float?,
    _ allows: @escaping (_ row: Int, _ column: Int) -> Bool
  ) -> [ExactPart] {
    elements(places, ofRows: x.columns) { row, columns, precision throws(EnclosureError) in
      try Checks.softmax(
        Activation(shape: [x.columns], elements: Array(x.row(row))), places: columns, sink: sink(row),
        precision: precision
      ) { allows(row, $0) }
    }
  }

  /// The parts of weighted values: single elements, from the weights and the values of the positions that the mask allows.
  private func attentionValues(
    _ places: [Int], _ weights: Activation<Float>, _ value: Activation<Float>, _ layer: AttentionLayer
  ) -> [ExactPart] {
    let (tokens, positions, headSize) = (weights.shape[1], weights.shape[2], layer.headSize)
    let single = AttentionLayer(heads: 1, keyValueHeads: 1, headSize: 1, isCausal: false)
    return places.map { place in
      let (token, head) = (place / headSize / layer.heads, place / headSize % layer.heads)
      let column = layer.keyValueHead(of: head) * headSize + place % headSize
      let seen = (0..<positions).filter { layer.allows(query: token, key: $0) }
      let factors = Activation(
        shape: [1, 1, seen.count],
        elements: seen.map { weights.elements[(head * tokens + token) * positions + $0] })
      let values = Activation(
        shape: [seen.count, 1, 1],
        elements: seen.map { value.elements[$0 * layer.keyValueHeads * headSize + column] })
      return ExactPart(places: [place]) { precision throws(EnclosureError) in
        try Checks.attentionValues(factors, values, single, precision: precision)
      }
    }
  }
}
