import PlumbModel

extension Engine {
  /// The gradient of a clamped gate: gradient · (u + 1) · s · (1 + alpha · g · (1 − s)), 0 where the gate is above the limit.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func clampedGateBackward(
    _ gate: Activation<Float>, _ up: Activation<Float>, gradient: Activation<Float>, _ layer: ClampedGateLayer
  ) -> Activation<Float> {
    backward(gate, up, gradient, layer) { $0.gradientOfGate($1, $2) }
  }

  /// The gradient of what a clamped gate lets through: gradient · g · s, 0 where that is beyond the limit.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func clampedUpBackward(
    _ gate: Activation<Float>, _ up: Activation<Float>, gradient: Activation<Float>, _ layer: ClampedGateLayer
  ) -> Activation<Float> {
    backward(gate, up, gradient, layer) { $0.gradientOfUp($1, $2) }
  }

  private static func backward(
    _ gate: Activation<Float>, _ up: Activation<Float>, _ gradient: Activation<Float>, _ layer: ClampedGateLayer,
    _ part: (_ row: ClampedRow, _ index: Int, _ gradient: Double) -> Double
  ) -> Activation<Float> {
    let row = ClampedRow(gate.elements.map { Double($0) }, up.elements.map { Double($0) }, layer)
    return .rounded([gradient.elements.indices.map { part(row, $0, Double(gradient.elements[$0])) }], shape: gate.shape)
  }
}
