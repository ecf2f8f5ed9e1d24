import PlumbModel

extension Engine {
  /// The gradient of a gated feed-forward layer's input.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func gatedFeedForwardBackward(
    _ x: Activation<Float>, gate: Activation<Float>, up: Activation<Float>, down: Activation<Float>,
    _ activation: ActivationFunction, gradient: Activation<Float>
  ) -> Activation<Float> {
    let rows = (0..<x.rows).map { token -> [Double] in
      let (x, incoming) = (x.wideRow(token), product(gradient.wideRow(token), down))
      let opening = (0..<gate.rows).map { x.dot(gate.wideRow($0)) }
      let inner = (0..<up.rows).map { x.dot(up.wideRow($0)) }
      let (slopes, values) = (derivatives(activation, opening), values(activation, opening))
      let through = product(incoming.indices.map { incoming[$0] * inner[$0] * slopes[$0] }, gate)
      let around = product(incoming.indices.map { incoming[$0] * values[$0] }, up)
      return zip(through, around).map { $0 + $1 }
    }
    return .rounded(rows, shape: x.shape)
  }
}
