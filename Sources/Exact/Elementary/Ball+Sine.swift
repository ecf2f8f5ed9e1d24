extension Ball {
  /// Encloses sin x over every x of a ball.
  ///
  /// *Edge cases*: sin 0 is exactly 0. For |x| ≥ 2⁴⁰⁹⁶, more bits of π than are worth computing, the answer is [−1, 1].
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value's magnitude, also near the multiples
  /// of π. A ball m ± r spreads by at most |cos m|·r + r² ÷ 2, from Taylor's theorem; where r ≥ 1/32 what is beyond
  /// [−1, 1] is cut off.
  package static func sin(_ x: Ball, precision: Int) -> Ball {
    if x.isExact && x.midpoint.isZero { return Ball(.zero) }
    return value(.sine, .cosine, x, precision: precision)
  }

  /// Encloses cos x over every x of a ball.
  ///
  /// *Edge cases*: cos 0 is exactly 1. For |x| ≥ 2⁴⁰⁹⁶, more bits of π than are worth computing, the answer is [−1, 1].
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value's magnitude, also near its zeros.
  /// A ball m ± r spreads by at most |sin m|·r + r² ÷ 2, from Taylor's theorem; where r ≥ 1/32 what is beyond
  /// [−1, 1] is cut off.
  package static func cos(_ x: Ball, precision: Int) -> Ball {
    if x.isExact && x.midpoint.isZero { return Ball(.one) }
    return value(.cosine, .sine, x, precision: precision)
  }

  private static func value(
    _ function: SineKernel.Function, _ derivative: SineKernel.Function, _ x: Ball, precision: Int
  ) -> Ball {
    let precision = Swift.max(precision, 2)
    let everything = Ball(lower: -1, upper: 1)
    guard x.radius < 2, x.midpoint.magnitude < .powerOfTwo(4096) else { return everything }
    let value = point(function, x.midpoint, precision: precision)
    if x.isExact { return value }
    let slope = point(derivative, x.midpoint, precision: 32).magnitudeBound
    let spread = x.radius * (slope + x.radius.scaled(byPowerOfTwo: -1))
    let ball = Ball(midpoint: value.midpoint, radius: value.radius + spread)
    return (x.isNarrow ? ball : ball.intersection(everything) ?? everything).rounded(to: precision)
  }

  /// The function of a number.
  private static func point(_ function: SineKernel.Function, _ x: Rational, precision: Int) -> Ball {
    if x.isZero { return Ball(function == .sine ? .zero : .one) }
    if let ball = tangent(at: x, precision: precision) {
      // 1 − cos x ≤ x² ÷ 2 < (2^−(precision+4))².
      return function == .sine ? ball : Ball(midpoint: .one, radius: .powerOfTwo(-2 * precision - 8))
    }
    return SineKernel.value(function, x, precision: precision).ball(precision: precision)
  }

  /// A bound on the magnitude, of 32 bits.
  var magnitudeBound: Rational {
    (midpoint.magnitude + radius).rounded(toBits: 32, .up)
  }
}
