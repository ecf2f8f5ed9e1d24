import PlumbModel
import PlumbReference
import PlumbTolerance

extension Modelled {
  /// scale · Σᵢ query · key for the positions that the mask allows, nothing elsewhere.
  ///
  /// A dot product in the model's order and for its factors, which may be stored, then a product with the scale: a
  /// parameter, or the rounded 1/√headSize, where a division by the rounded root will do as well. The query may be scaled
  /// before the products instead, and stored. A soft cap is the last step.
  package static func attentionScores(
    _ query: Activation<Tracked>, _ key: Activation<Tracked>, _ layer: AttentionLayer, firstPosition: Int,
    _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let (tokens, positions) = (query.shape[0], key.shape[0])
    let root = model.squareRoot(Tracked(Double(layer.headSize)))
    let scale = layer.scale.map { model.parameter(Double($0)) } ?? reciprocalRoot(root, layer.headSize, model)
    let queries = query.map { model.factor($0) }
    let keys = key.map { model.factor($0) }
    let scaled = query.map { model.factor(model.stored(model.product($0, scale))) }
    let elements = concurrentMap(layer.heads * tokens * positions) { index -> Tracked in
      let (head, token, position) = (index / positions / tokens, index / positions % tokens, index % positions)
      guard layer.allows(query: firstPosition + token, key: position) else { return .outside }
      let keyRow = keys.row(position * layer.keyValueHeads + layer.keyValueHead(of: head))
      let sum = model.stored(model.dot(queries.row(token * layer.heads + head), keyRow))
      var score = model.product(sum, scale).orAs(model.dot(scaled.row(token * layer.heads + head), keyRow))
      if layer.scale == nil { score = score.orAs(model.quotient(sum, root)) }
      return layer.softCap.map { softCapped(model.stored(score), $0, model) } ?? model.stored(score)
    }
    return Activation(shape: [layer.heads, tokens, positions], elements: elements)
  }

  /// 1/√headSize: exact where the root is a power of two, otherwise a rounded quotient by the rounded root, or a function.
  private static func reciprocalRoot(_ root: Tracked, _ headSize: Int, _ model: ArithmeticModel) -> Tracked {
    let isExact = root.isExact && root.upper.significandWidth == 0
    return isExact
      ? model.quotient(Tracked(1), root) : model.reciprocalSquareRoot(Tracked(Double(headSize)))
  }

  /// cap · tanh(x / cap), or of x times the rounded 1/cap; stored.
  package static func softCapped(_ x: Tracked, _ cap: Float, _ model: ArithmeticModel) -> Tracked {
    let cap = model.parameter(Double(cap))
    return model.stored(model.product(cap, model.hyperbolicTangent(model.quotientOrReciprocal(x, cap))))
  }

  /// Σₛ weights · value over the positions that the mask allows: a dot product in the model's order and for its factors.
  package static func attentionValues(
    _ weights: Activation<Tracked>, _ value: Activation<Tracked>, _ layer: AttentionLayer, firstPosition: Int,
    _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let tokens = weights.shape[1]
    let rowSize = layer.keyValueHeads * layer.headSize
    let factors = weights.map { model.factor($0) }
    let values = value.map { model.factor($0) }
    let visible = (0..<tokens).map { token in
      (0..<weights.columns).filter { layer.allows(query: firstPosition + token, key: $0) }
    }
    let elements = concurrentMap(tokens * layer.heads * layer.headSize) { index -> Tracked in
      let (element, head) = (index % layer.headSize, index / layer.headSize % layer.heads)
      let token = index / layer.headSize / layer.heads
      let row = factors.row(head * tokens + token)
      let column = layer.keyValueHead(of: head) * layer.headSize + element
      return model.stored(
        model.dot(
          visible[token].map { row[row.startIndex + $0] },
          visible[token].map { values.elements[$0 * rowSize + column] }))
    }
    return Activation(shape: [tokens, layer.heads, layer.headSize], elements: elements)
  }

  /// Scores, their softmax over what the mask allows, weighted values; scores and weights may be stored.
  package static func attention(
    _ query: Activation<Tracked>, _ key: Activation<Tracked>, _ value: Activation<Tracked>, _ layer: AttentionLayer,
    firstPosition: Int, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let scores = attentionScores(query, key, layer, firstPosition: firstPosition, model)
    let weights = softmax(scores, layer, firstPosition: firstPosition, model)
    return attentionValues(weights, value, layer, firstPosition: firstPosition, model)
  }

  /// The softmax of each row of scores over the positions that the mask allows; 0 elsewhere.
  static func softmax(
    _ scores: Activation<Tracked>, _ layer: AttentionLayer, firstPosition: Int, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let tokens = scores.shape[1]
    var elements: [Tracked] = []
    for index in 0..<scores.rows {
      let row = scores.row(index)
      let visible = row.indices.filter {
        layer.allows(query: firstPosition + index % tokens, key: $0 - row.startIndex)
      }
      var weights = [Tracked](repeating: Tracked(0), count: row.count)
      for (position, weight) in zip(visible, softmax(visible.map { row[$0] }, model)) {
        weights[position - row.startIndex] = weight
      }
      elements += weights
    }
    return Activation(shape: scores.shape, elements: elements)
  }
}
