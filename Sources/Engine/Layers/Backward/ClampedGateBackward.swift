import PlumbModel

extension Engine {
  /// The gradient of a clamped gate: gradient · (u + 1) · s · (1 + alpha · g · (1 − s)), 0 where the gate is above the limit.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func clampedGateBackward(
    _ gate: Activation<Float>, _ up: Activation<Float>, gradient: Activation<Float>, _ layer: ClampedGateLayer
  ) -> Activation<Float> {
    backward(gate, up, gradient, layer) { gate, up, gradient, opening, argument, sigmoid in
      let inner = min(max(up, -Double(layer.limit)), Double(layer.limit)) + 1
      return (gate > Double(layer.limit) ? 0 : gradient) * inner * (sigmoid * (1 + argument * (1 - sigmoid)))
    }
  }

  /// The gradient of what a clamped gate lets through: gradient · g · s, 0 where that is beyond the limit.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func clampedUpBackward(
    _ gate: Activation<Float>, _ up: Activation<Float>, gradient: Activation<Float>, _ layer: ClampedGateLayer
  ) -> Activation<Float> {
    backward(gate, up, gradient, layer) { gate, up, gradient, opening, argument, sigmoid in
      (up.magnitude > Double(layer.limit) ? 0 : gradient) * (opening * sigmoid)
    }
  }

  private static func backward(
    _ gate: Activation<Float>, _ up: Activation<Float>, _ gradient: Activation<Float>, _ layer: ClampedGateLayer,
    _ product: (
      _ gate: Double, _ up: Double, _ gradient: Double, _ opening: Double, _ argument: Double, _ sigmoid: Double
    ) -> Double
  ) -> Activation<Float> {
    let openings = gate.elements.map { min(Double($0), Double(layer.limit)) }
    let arguments = openings.map { $0 * Double(layer.alpha) }
    let sigmoids = exponentials(arguments.map { -$0 }).map { 1 / (1 + $0) }
    let row = gate.elements.indices.map {
      product(
        Double(gate.elements[$0]), Double(up.elements[$0]), Double(gradient.elements[$0]), openings[$0], arguments[$0],
        sigmoids[$0])
    }
    return .rounded([row], shape: gate.shape)
  }
}
