import PlumbExact
import PlumbModel

extension Reference {
  /// (up + 1) · gate · σ(alpha · gate), element by element, with the gate at most `limit` and `up` within ±`limit`.
  ///
  /// *Error bound*: encloses the true values; from exact inputs, to about `precision` bits.
  /// - Throws: `EnclosureError` where a number of the layer is not finite.
  package static func clampedGate(
    _ gate: Activation<Ball>, _ up: Activation<Ball>, _ layer: ClampedGateLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    guard let alpha = Rational(exactly: layer.alpha), let limit = Rational(exactly: layer.limit), limit > 0 else {
      throw .argumentOutsideDomain(function: "clampedGate: factor \(layer.alpha), limit \(layer.limit)")
    }
    precondition(gate.shape == up.shape, "a gate of \(gate.shape) for \(up.shape)")
    let elements = concurrentMap(gate.elements.count) { index -> Ball in
      let opening = Ball.min(gate.elements[index], Ball(limit))
      let inner = Ball.max(Ball.min(up.elements[index], Ball(limit)), Ball(-limit))
      let slope = Ball.sigmoid(opening * Ball(alpha), precision: opening.meaningfulBits(precision) + 8)
      return ((inner + Ball.one) * opening * slope).settled(precision)
    }
    return Activation(shape: gate.shape, elements: elements)
  }
}
