import PlumbExact
import PlumbTolerance

/// How far one element of the engine lies from its exact value.
struct ElementDrift: Sendable {
  /// |engine − exact|, rounded up.
  var absolute: Double
  /// |engine − exact| ÷ the spacing of Float32 at the exact value, rounded up.
  var ulps: Double

  /// The distance from `engine` to `exact`, as an enclosure; `nil` when `engine` is not finite.
  static func distance(from engine: Float, to exact: Ball) -> (lower: Rational, upper: Rational)? {
    guard let value = Rational(exactly: engine) else { return nil }
    let centre = (value - exact.midpoint).magnitude
    return (max(0, centre - exact.radius), centre + exact.radius)
  }

  /// The drift whose distance is at most `distance`.
  init(distance: Rational, exact: Ball) {
    absolute = distance.doubleRoundedUp
    // The ulp of the smallest magnitude in the ball: the quotient is then never too small.
    let spacing = FloatFormat.float32.spacingExponent(at: exact.leastMagnitude)
    ulps = absolute * Double(sign: .plus, exponent: -spacing, significand: 1)
  }

  /// No drift.
  static let zero = ElementDrift(absolute: 0, ulps: 0)

  /// The drift of an element that is not finite.
  static let infinite = ElementDrift(absolute: .infinity, ulps: .infinity)

  private init(absolute: Double, ulps: Double) {
    self.absolute = absolute
    self.ulps = ulps
  }
}

extension Ball {
  /// A lower bound of the magnitudes in the ball: 0 where it contains 0.
  var leastMagnitude: Rational {
    if radius.isZero { return midpoint.magnitude }
    return Swift.max(0, midpoint.magnitude - radius)
  }
}
