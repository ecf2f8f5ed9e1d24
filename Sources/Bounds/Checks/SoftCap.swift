import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// cap · tanh(x / cap) of what the engine computed: how far it strays over the inputs that their errors allow, then the
  /// engine's declared accuracy and one rounding.
  package static func softCapped(_ x: Expectation, _ cap: Float, precision: Int) throws(EnclosureError) -> Expectation {
    let exact = try Reference.softCapped(x.exact, cap, precision: precision)
    let reached = try Reference.softCapped(x.widened, cap, precision: 64)
    let declared = Engine.softCapRelativeError.rational
    let bounds = exact.elements.indices.map { index -> Rational? in
      guard x.bounds[index] != nil else { return nil }
      let (here, there) = (exact.elements[index], reached.elements[index])
      if here.isExact && there.isExact { return Tolerance.oneRounding(of: here) }
      return Tolerance.oneRounding(
        of: here, relativeError: declared, absoluteError: here.distance(across: there) * (1 + declared))
    }
    return Expectation(exact: exact, bounds: bounds, holdsValue: x.holdsValue)
  }
}
