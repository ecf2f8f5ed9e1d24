extension Ball {
  /// Encloses the logistic function σ(x) = 1 ÷ (1 + e⁻ˣ) over every x of a ball.
  ///
  /// *Edge cases*: σ(0) is exactly ½. All that is said for x < −2¹⁶ is 0 ≤ σ ≤ 2⁻⁹⁴⁵⁴⁸; if σ is closer to
  /// 1 than 2^−(precision+3), that is said and no more.
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value. A ball m ± r with r < 1/32 spreads by
  /// at most σ(m)·(1 − σ(m))·(r + r²), because |σ″| ≤ σ′ and so σ′ grows at most like eᵗ; a wider one becomes
  /// [σ(lower), σ(upper)].
  package static func sigmoid(_ x: Ball, precision: Int) -> Ball {
    let precision = Swift.max(precision, 2)
    guard x.isNarrow else {
      return hull(
        sigmoid(x.lower, precision: precision), sigmoid(x.upper, precision: precision), precision: precision)
    }
    // Over the ball σ′ ÷ σ = 1 − σ ≥ e^−(m+r) ÷ 2 > 2^(−2·⌊m⌋ − 4) where m > 0, and at least 2⁻² elsewhere.
    let whole = x.midpoint > Rational(precision) ? precision : Swift.max(0, x.midpoint.floor(scale: 0).asInt() ?? 0)
    let flatness = 2 * whole + 4
    let value = sigmoid(x.midpoint, precision: x.usefulPrecision(precision, flatness: flatness))
    if x.isExact { return value }
    let slope = value.magnitudeBound * (.one - value.lower).rounded(toBits: 32, .up)
    return Ball(midpoint: value.midpoint, radius: value.radius + slope * x.exponentialGrowth)
      .rounded(to: precision)
  }

  /// The logistic function of a number.
  ///
  /// With a = e^−|x| it is 1 ÷ (1 + a) or a ÷ (1 + a).
  private static func sigmoid(_ x: Rational, precision: Int) -> Ball {
    if x.isZero { return Ball(.powerOfTwo(-1)) }
    if x <= -ExponentialKernel.limit { return ExponentialKernel.belowLimit }
    // 1 − σ(x) < e⁻ˣ < 2⁻ˣ.
    if x > Rational(precision + 3) { return Ball(midpoint: .one, radius: .powerOfTwo(-precision - 3)) }
    return SigmoidKernel.value(x, precision: precision + 4).ball(precision: precision)
  }
}
