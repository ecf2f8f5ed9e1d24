extension Ball {
  /// Encloses the error function erf x = 2 ÷ √π · ∫₀ˣ e^(−t²) dt over every x of a ball.
  ///
  /// *Edge cases*: erf 0 is exactly 0. If erf x is closer to ±1 than 2^−(precision+3), that is said and no more.
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value's magnitude, near 0 too. A ball m ± r
  /// with r < 1/32 and |m|·r < 1/32 spreads by at most r times the greatest slope in it, 2 ÷ √π · e^(−c²) with c the
  /// point of the ball nearest to 0; a wider one becomes [erf lower, erf upper].
  package static func erf(_ x: Ball, precision: Int) -> Ball {
    let precision = Swift.max(precision, 2)
    guard x.isNarrow, Ball(midpoint: .zero, radius: x.radius * x.midpoint.magnitude).isNarrow else {
      return hull(erf(x.lower, precision: precision), erf(x.upper, precision: precision), precision: precision)
    }
    let value = erf(x.midpoint, precision: precision)
    if x.isExact { return value }
    let spread = x.radius * erfSlopeBound(nearest: Swift.max(.zero, x.midpoint.magnitude - x.radius))
    return Ball(midpoint: value.midpoint, radius: value.radius + spread).rounded(to: precision)
  }

  /// A bound on 2 ÷ √π · e^(−c²) from c rounded down: 2 ÷ √π < 1.1284 < 9244 ÷ 2¹³.
  private static func erfSlopeBound(nearest c: Rational) -> Rational {
    let square = c.rounded(toBits: 48, .down).power(2)
    guard square < ExponentialKernel.limit else { return ExponentialKernel.belowLimit.upper * 2 }
    let (fraction, power) = ExponentialKernel.exponential(-square, precision: 32)
    return fraction.scaled(byPowerOfTwo: power).magnitudeBound * Rational(significand: 9244, exponent: -13)
  }

  /// The error function of a number.
  private static func erf(_ x: Rational, precision: Int) -> Ball {
    if x.isZero { return Ball(.zero) }
    // For |x| ≥ 1, 1 − erf |x| < e^(−x²) < 2^(−x²).
    if x.magnitude > 1, x.floorLog2 >= 16 || x * x > Rational(precision + 3) {
      return Ball(midpoint: x.signum() < 0 ? -1 : 1, radius: .powerOfTwo(-precision - 3))
    }
    // Beyond 1, erf(x) ÷ x falls to 1 ÷ (2|x|) at least.
    let ratio = ErrorFunctionKernel.ratio(x, precision: precision + 4 + Swift.max(0, x.floorLog2 + 2))
    let midpoint = Rational(significand: ratio.value, exponent: -ratio.scale) * x
    let radius = Rational(significand: Integer(ratio.error), exponent: -ratio.scale) * x.magnitude
    return Ball(midpoint: midpoint, radius: radius).rounded(to: precision)
  }
}
