import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// max(x, 0): no rounding, so that the check is equality.
  package static func relu(_ x: Activation<Float>) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = Reference.relu(inputs)
    return Expectation(exact: exact, bounds: exact.elements.map { Tolerance.oneRounding(of: $0) })
  }
}
