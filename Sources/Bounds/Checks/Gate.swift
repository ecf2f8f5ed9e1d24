import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The product of the activated gate with what it lets through: one rounding.
  package static func gate(_ activatedGate: Activation<Float>, _ up: Activation<Float>, precision: Int) -> Expectation?
  {
    guard let first = activatedGate.asBalls, let second = up.asBalls else { return nil }
    let exact = Reference.gate(first, second, precision: precision)
    return Expectation(exact: exact, bounds: exact.elements.map { Tolerance.oneRounding(of: $0) })
  }
}
