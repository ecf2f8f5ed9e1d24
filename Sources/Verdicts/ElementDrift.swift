import PlumbExact
import PlumbTolerance

/// The distance of one element of the engine from its exact value.
package struct ElementDrift: Sendable {
  /// |engine − exact|, rounded up.
  package var absolute: Double
  /// |engine − exact| ÷ the spacing of Float32 at the exact value, rounded up.
  package var ulps: Double
  /// At most the magnitude of the exact value, which makes a distance relative.
  var magnitude: Double

  /// The distance from `engine` to `exact`, as an enclosure; `nil` when `engine` is not finite.
  package static func distance(from engine: Float, to exact: Ball) -> (lower: Rational, upper: Rational)? {
    guard let value = Rational(exactly: engine) else { return nil }
    let centre = (value - exact.midpoint).magnitude
    if exact.isExact { return (centre, centre) }
    return (max(0, centre - exact.radius), centre + exact.radius)
  }

  /// The drift whose distance is at most `distance`.
  package init(distance: Rational, exact: Ball) {
    absolute = distance.doubleRoundedUp
    let least = exact.leastMagnitude
    magnitude = least.doubleRoundedDown
    // The ulp of the smallest magnitude in the ball: the quotient is then never too small.
    let spacing = FloatFormat.float32.spacingExponent(at: least)
    ulps = absolute * Double(sign: .plus, exponent: -spacing, significand: 1)
  }

  /// The drift of an element that holds no value: none.
  package static let zero = ElementDrift(absolute: 0, ulps: 0, magnitude: 0)

  /// The drift of an element that is not finite.
  package static func infinite(of exact: Ball) -> ElementDrift {
    ElementDrift(absolute: .infinity, ulps: .infinity, magnitude: exact.leastMagnitude.doubleRoundedDown)
  }

  private init(absolute: Double, ulps: Double, magnitude: Double) {
    self.absolute = absolute
    self.ulps = ulps
    self.magnitude = magnitude
  }

  /// The greatest distance ÷ the greatest magnitude, rounded up; 0 where there is no distance, infinite where there is
  /// one from nothing but zeros.
  package static func relative(_ drifts: some Sequence<ElementDrift>) -> Double {
    var (distance, magnitude) = (0.0, 0.0)
    for drift in drifts {
      distance = max(distance, drift.absolute)
      magnitude = max(magnitude, drift.magnitude)
    }
    guard distance > 0 else { return 0 }
    guard distance.isFinite, magnitude > 0 else { return .infinity }
    return distance.rational.quotientRoundedUp(by: magnitude.rational)
  }
}

extension Ball {
  /// A lower bound of the magnitudes in the ball: 0 where it contains 0.
  package var leastMagnitude: Rational {
    if radius.isZero { return midpoint.magnitude }
    return Swift.max(0, midpoint.magnitude - radius)
  }
}
