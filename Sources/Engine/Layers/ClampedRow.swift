import PlumbModel

/// Clamped gates in Float64, element by element, with what their gradients are made of.
///
/// *Error bound*: that of the formula in Float64.
struct ClampedRow {
  private let gate, up: [Double]
  private let limit: Double
  /// The opened gate times its sigmoid.
  let open: [Double]
  /// The derivative of that by the opened gate.
  private let slope: [Double]
  /// The number that is let through, within ±limit.
  let clampedUp: [Double]

  init(_ gate: [Double], _ up: [Double], _ layer: ClampedGateLayer) {
    let limit = Double(layer.limit)
    let openings = gate.map { min($0, limit) }
    let arguments = openings.map { $0 * Double(layer.alpha) }
    let sigmoids = Engine.exponentials(arguments.map { -$0 }).map { 1 / (1 + $0) }
    (self.gate, self.up, self.limit) = (gate, up, limit)
    open = openings.indices.map { openings[$0] * sigmoids[$0] }
    slope = openings.indices.map { sigmoids[$0] * (1 + arguments[$0] * (1 - sigmoids[$0])) }
    clampedUp = up.map { min(max($0, -limit), limit) }
  }

  /// The gradient of the gate at `index`, 0 where the gate is above the limit.
  func gradientOfGate(_ index: Int, _ gradient: Double) -> Double {
    (gate[index] > limit ? 0 : gradient) * (clampedUp[index] + 1) * slope[index]
  }

  /// The gradient of what the gate at `index` lets through, 0 where that is beyond the limit.
  func gradientOfUp(_ index: Int, _ gradient: Double) -> Double {
    (up[index].magnitude > limit ? 0 : gradient) * open[index]
  }
}
