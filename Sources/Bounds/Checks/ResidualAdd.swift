import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// A residual addition: one rounding.
  package static func residualAdd(_ x: Activation<Float>, _ y: Activation<Float>, precision: Int) -> Expectation? {
    guard let first = x.asBalls, let second = y.asBalls else { return nil }
    let exact = Reference.residualAdd(first, second, precision: precision)
    return Expectation(exact: exact, bounds: exact.elements.map { Tolerance.oneRounding(of: $0) })
  }
}
