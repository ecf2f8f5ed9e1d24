extension Ball {
  /// Encloses √x over every x of a ball.
  ///
  /// Throws `argumentOutsideDomain` if the ball reaches below 0.
  ///
  /// *Edge cases*: exact where the root is dyadic and has no more than `precision` bits: √0 = 0, √(9/4) = 3/2.
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value. A ball m ± r with r < m/32 spreads
  /// by at most r ÷ (√m·(2 − r/m)), which is √m − √(m − r) or more; a wider one becomes [√lower, √upper].
  package static func squareRoot(_ x: Ball, precision: Int) throws(EnclosureError) -> Ball {
    guard x.lower.signum() >= 0 else { throw .argumentOutsideDomain(function: "squareRoot") }
    let precision = Swift.max(precision, 2)
    guard x.isRelativelyNarrow else {
      return hull(
        squareRoot(x.lower, precision: precision), squareRoot(x.upper, precision: precision), precision: precision)
    }
    let value = squareRoot(x.midpoint, precision: precision)
    if x.isExact { return value }
    // √m − √(m − r) = r ÷ (√m + √(m − r)), and √(m − r) ≥ √m·(1 − r/m).
    let relative = x.relativeRadius
    let divisor = value.lower.rounded(toBits: 32, .down) * (2 - relative)
    return Ball(midpoint: value.midpoint, radius: value.radius + x.radius / divisor).rounded(to: precision)
  }

  /// Encloses 1 ÷ √x over every x of a ball.
  ///
  /// Throws `argumentOutsideDomain` unless the whole ball is positive.
  ///
  /// *Edge cases*: exact where `squareRoot` of 1/x is: 1 ÷ √16 = 1/4.
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value. A ball m ± r with u = r/m < 1/32
  /// spreads by at most u ÷ (2·(1 − u)) times the value, for (1 − u)^(−½) = 1 + u/2 + 3u²/8 + … has no coefficient
  /// above ½ after the first; a wider one becomes [1 ÷ √upper, 1 ÷ √lower].
  package static func reciprocalSquareRoot(_ x: Ball, precision: Int) throws(EnclosureError) -> Ball {
    guard x.lower.signum() > 0 else { throw .argumentOutsideDomain(function: "reciprocalSquareRoot") }
    let precision = Swift.max(precision, 2)
    guard x.isRelativelyNarrow else {
      return hull(
        squareRoot(x.upper.reciprocal, precision: precision), squareRoot(x.lower.reciprocal, precision: precision),
        precision: precision)
    }
    let value = squareRoot(x.midpoint.reciprocal, precision: precision)
    if x.isExact { return value }
    let relative = x.relativeRadius
    let spread = value.magnitudeBound * (relative / (2 - relative.scaled(byPowerOfTwo: 1))).rounded(toBits: 32, .up)
    return Ball(midpoint: value.midpoint, radius: value.radius + spread).rounded(to: precision)
  }

  /// A bound of 32 bits on the radius over the midpoint, for a positive midpoint.
  private var relativeRadius: Rational {
    (radius / midpoint.rounded(toBits: 32, .down)).rounded(toBits: 32, .up)
  }

  /// The square root of a number that is not negative.
  ///
  /// ⌊√⌊x·2²ˢ⌋⌋ = ⌊√x·2ˢ⌋ is off by less than one unit, and at least 2^(precision + 3) units.
  private static func squareRoot(_ x: Rational, precision: Int) -> Ball {
    if x.isZero { return Ball(.zero) }
    if let root = x.dyadicSquareRoot { return Ball(root).rounded(to: precision) }
    // √x ≥ 2^⌊⌊log₂ x⌋ ÷ 2⌋; the shift of a negative number rounds down.
    let scale = precision + 3 - (x.floorLog2 >> 1)
    return FixedPoint(value: x.floor(scale: 2 * scale).squareRoot(), error: 1, scale: scale)
      .ball(precision: precision)
  }
}

extension Rational {
  /// The square root of a positive rational if it is dyadic.
  fileprivate var dyadicSquareRoot: Rational? {
    guard isDyadic, exponent.isMultiple(of: 2) else { return nil }
    let root = significand.squareRoot()
    return root * root == significand ? Rational(significand: root, exponent: exponent / 2) : nil
  }
}
