extension Ball {
  /// Encloses eˣ over every x of a ball.
  ///
  /// Throws `argumentOutsideDomain` if the ball reaches 2¹⁶.
  ///
  /// *Edge cases*: exp 0 is exactly 1. All that is said for x < −2¹⁶ is 0 ≤ eˣ ≤ 2⁻⁹⁴⁵⁴⁸.
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value. A ball of radius r < 1/32 spreads
  /// by at most r·(1 + r) times the value, for eʳ − 1 ≤ r + r² where r ≤ 1; a wider one becomes [exp lower, exp upper].
  package static func exp(_ x: Ball, precision: Int) throws(EnclosureError) -> Ball {
    guard x.upper < ExponentialKernel.limit else { throw .argumentOutsideDomain(function: "exp") }
    if x.isExact && x.midpoint.isZero { return Ball(.one) }
    guard x.isNarrow, x.lower > -ExponentialKernel.limit else {
      return hull(exp(x.lower, precision: precision), exp(x.upper, precision: precision), precision: precision)
    }
    let precision = x.usefulPrecision(Swift.max(precision, 2), flatness: 0)
    let value = exponential(x.midpoint, precision: precision)
    return value.ball(precision: precision, spread: value.magnitudeBound * x.exponentialGrowth)
  }

  /// r + r² ≥ eʳ − 1, for r ≤ 1.
  var exponentialGrowth: Rational {
    radius.isZero ? .zero : radius * (.one + radius)
  }

  /// eˣ of a number below the limit.
  private static func exp(_ x: Rational, precision: Int) -> Ball {
    if x <= -ExponentialKernel.limit { return ExponentialKernel.belowLimit }
    let precision = Swift.max(precision, 2)
    return exponential(x, precision: precision).ball(precision: precision)
  }

  /// eˣ with relative error below 2^−(precision+4).
  private static func exponential(_ x: Rational, precision: Int) -> FixedPoint {
    let (fraction, power) = ExponentialKernel.exponential(x, precision: precision + 4)
    return fraction.scaled(byPowerOfTwo: power)
  }

  /// Encloses eˣ − 1 over every x of a ball.
  ///
  /// Throws `argumentOutsideDomain` if the ball reaches 2¹⁶.
  ///
  /// *Edge cases*: expm1 0 is exactly 0.
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value's magnitude, near 0 too. A ball of
  /// radius r < 1/32 spreads by at most eᵐ·(r + r²), as for `exp`.
  package static func expm1(_ x: Ball, precision: Int) throws(EnclosureError) -> Ball {
    guard x.upper < ExponentialKernel.limit else { throw .argumentOutsideDomain(function: "expm1") }
    guard !x.isExact, x.isNarrow else {
      if x.isExact { return expm1(x.midpoint, precision: precision) }
      return hull(expm1(x.lower, precision: precision), expm1(x.upper, precision: precision), precision: precision)
    }
    let value = expm1(x.midpoint, precision: precision)
    let slope = (value.upper + .one).rounded(toBits: 32, .up)
    return Ball(midpoint: value.midpoint, radius: value.radius + slope * x.exponentialGrowth)
      .rounded(to: Swift.max(precision, 2))
  }

  /// eˣ − 1 of a number below the limit.
  ///
  /// For |x| < ½ from the kernel, whose error of 2 units and 2 more for the argument is relative to |eˣ − 1| > |x| ÷ 2,
  /// and 2^(p + 10) units are at most |x|. Elsewhere |eˣ − 1| > 0.39·Swift.max(1, eˣ ÷ 3).
  private static func expm1(_ x: Rational, precision: Int) -> Ball {
    let precision = Swift.max(precision, 2)
    if x.isZero { return Ball(.zero) }
    if let ball = tangent(at: x, precision: precision) { return ball }
    guard x.floorLog2 < -1 else {
      let power = exp(x, precision: precision + 4)
      return Ball(midpoint: power.midpoint - .one, radius: power.radius).rounded(to: precision)
    }
    let scale = precision + 10 - x.floorLog2
    let value = ExponentialKernel.exponentialMinusOne(x.floor(scale: scale), scale: scale)
    return FixedPoint(value: value, error: 4, scale: scale).ball(precision: precision)
  }
}
