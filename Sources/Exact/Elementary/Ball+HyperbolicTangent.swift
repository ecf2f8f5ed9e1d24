extension Ball {
  /// Encloses the hyperbolic tangent over every x of a ball.
  ///
  /// *Edge cases*: tanh 0 is exactly 0. If tanh x is closer to ±1 than 2^−(precision+3), that is said and no more.
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value's magnitude, near 0 too. A ball m ± r
  /// with r < 1/32 spreads by at most (1 − tanh² m)·(r + 2r²), because |tanh″| ≤ 2·tanh′ and so tanh′ grows at most like
  /// e²ᵗ, and (e²ʳ − 1) ÷ 2 ≤ r + 2r²; a wider one becomes [tanh lower, tanh upper].
  package static func tanh(_ x: Ball, precision: Int) -> Ball {
    let precision = Swift.max(precision, 4)
    guard x.isNarrow else {
      return hull(tanh(x.lower, precision: precision), tanh(x.upper, precision: precision), precision: precision)
    }
    let value = tanh(x.midpoint, precision: precision)
    if x.isExact { return value }
    let least = Swift.max(.zero, value.midpoint.magnitude - value.radius)
    let slope = ((.one - least) * (.one + least)).rounded(toBits: 32, .up)
    let spread = slope * x.radius * (.one + x.radius.scaled(byPowerOfTwo: 1))
    return Ball(midpoint: value.midpoint, radius: value.radius + spread).rounded(to: precision)
  }

  /// The hyperbolic tangent of a number.
  private static func tanh(_ x: Rational, precision: Int) -> Ball {
    if x.isZero { return Ball(.zero) }
    if let ball = tangent(at: x, precision: precision) { return ball }
    // 1 − tanh |x| < 2·e^(−2|x|) < 2^(1 − 2.88·|x|), and 2.88·p − 1 ≥ p + 3 for every p ≥ 4.
    if x.magnitude > Rational(precision) {
      return Ball(midpoint: x.signum() < 0 ? -1 : 1, radius: .powerOfTwo(-precision - 3))
    }
    let value = HyperbolicTangentKernel.value(x.magnitude, precision: precision + 4).ball(precision: precision)
    return x.signum() < 0 ? -value : value
  }
}
