import PlumbModel

extension Engine {
  /// The gradients of an attention's query, key and value.
  package struct AttentionGradients: Sendable {
    /// The gradient of the query, `[tokens, heads, headSize]`.
    package let query: Activation<Float>
    /// The gradient of the key, `[positions, keyValueHeads, headSize]`.
    package let key: Activation<Float>
    /// The gradient of the value, `[positions, keyValueHeads, valueSize]`.
    package let value: Activation<Float>
    /// The gradient of the logits of the sinks, `[heads]`; 0 where there are none.
    package let sinks: Activation<Float>
  }

  /// The gradients of an attention's inputs from that of its output, where row 0 of the query stands at `firstPosition`.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  ///
  /// - Precondition: `gradient` has the shape of the output, `[tokens, heads, valueSize]`.
  package static func attentionBackward(
    _ query: Activation<Float>, _ key: Activation<Float>, _ value: Activation<Float>, gradient: Activation<Float>,
    _ layer: AttentionLayer, firstPosition: Int
  ) -> AttentionGradients {
    let (tokens, heads, valueSize) = (query.shape[0], layer.heads, value.columns)
    var sinks = [Double](repeating: 0, count: heads)
    let slopes = slopes(of: layer)
    var sums = query.map { _ in 0.0 }
    var (keys, values) = (key.map { _ in 0.0 }, value.map { _ in 0.0 })
    for index in 0..<tokens * heads {
      let (token, head) = (index / heads, index % heads)
      let (own, incoming) = (query.wideRow(index), gradient.wideRow(index))
      let position = firstPosition + token
      let seen = layer.seen(from: position, of: key.shape[0])
      let rows = seen.map {
        $0 * layer.keyValueHeads + layer.keyValueHead(of: head)
      }
      let biases = slopes.isEmpty ? rows.map { _ in 0 } : seen.map { -slopes[head] * Double(abs(position - $0)) }
      let part = scoreGradients(
        rows.map { scaled(own.dot(key.wideRow($0)), layer) }, biases, rows.map { incoming.dot(value.wideRow($0)) },
        layer,
        sink: layer.sinks.map { Double($0.logits[head]) })
      sinks[head] += part.sink
      for (place, row) in rows.enumerated() {
        let factor = part.gradients[place]
        for element in 0..<layer.headSize {
          sums.elements[index * layer.headSize + element] +=
            factor * Double(key.elements[row * layer.headSize + element])
          keys.elements[row * layer.headSize + element] += factor * own[element]
        }
        for element in 0..<valueSize {
          values.elements[row * valueSize + element] += part.weights[place] * incoming[element]
        }
      }
    }
    return AttentionGradients(
      query: sums.map { Float(scaled($0, layer)) }, key: keys.map { Float(scaled($0, layer)) },
      value: values.map { Float($0) }, sinks: .rounded([sinks], shape: [heads]))
  }

  private static func scaled(_ sum: Double, _ layer: AttentionLayer) -> Double {
    if layer.stretch.isOne, let scale = layer.scale { return sum * Double(scale) }
    return sum / divisor(of: layer)
  }

  /// The weights of the positions that a token sees, the gradients of their scores, and that of the sink, from the scores before a
  /// soft cap, what a linear bias adds to them behind it, the gradients of the weights and the sink's logit.
  private static func scoreGradients(
    _ sums: [Double], _ biases: [Double], _ gradients: [Double], _ layer: AttentionLayer, sink: Double?
  ) -> (weights: [Double], gradients: [Double], sink: Double) {
    let cap = layer.softCap.map { Double($0) }
    let scores = cap.map { cap in hyperbolicTangents(sums.map { $0 / cap }).map { cap * $0 } } ?? sums
    let shares = (zip(scores, biases).map { $0 + $1 } + (sink.map { [$0] } ?? [])).softmax
    let weights = Array(shares.prefix(scores.count))
    let sum = weights.dot(gradients)
    let ofSink = sink == nil ? 0 : -(shares.last ?? 0) * sum
    let differences = zip(weights, gradients).map { $0 * ($1 - sum) }
    guard let cap else { return (weights, differences, ofSink) }
    return (weights, zip(differences, scores).map { $0 * (1 - ($1 / cap) * ($1 / cap)) }, ofSink)
  }
}
