import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// x·sigmoid(x): the engine's declared accuracy before its one rounding.
  package static func silu(_ x: Activation<Float>, precision: Int) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = Reference.silu(inputs, precision: precision)
    let relative = Engine.siluRelativeError.rational
    return Expectation(
      exact: exact, bounds: exact.elements.map { Tolerance.oneRounding(of: $0, relativeError: relative) })
  }
}
