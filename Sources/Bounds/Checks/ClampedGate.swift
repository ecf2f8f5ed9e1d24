import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// A clamped gate of what it lets through: the engine's declared accuracy before its one rounding.
  package static func clampedGate(
    _ gate: Activation<Float>, _ up: Activation<Float>, _ layer: ClampedGateLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let gates = gate.asBalls, let ups = up.asBalls else { return nil }
    let exact = try Reference.clampedGate(gates, ups, layer, precision: precision)
    let relative = Engine.clampedGateRelativeError.rational
    return Expectation(
      exact: exact,
      bounds: exact.elements.map { ball in
        ball.isExact ? Tolerance.oneRounding(of: ball) : Tolerance.oneRounding(of: ball, relativeError: relative)
      })
  }
}
