extension Ball {
  /// Encloses the natural logarithm over every x of a ball.
  ///
  /// Throws `argumentOutsideDomain` unless the whole ball is positive.
  ///
  /// *Edge cases*: log 1 is exactly 0.
  ///
  /// *Error bound*: for a point, a radius of at most 2^(1−precision) times the value's magnitude, near 1 too. A ball m ± r
  /// with r < m/32 spreads by at most r ÷ (m − r), the mean value theorem's bound; a wider one becomes
  /// [log lower, log upper].
  package static func log(_ x: Ball, precision: Int) throws(EnclosureError) -> Ball {
    guard x.lower.signum() > 0 else { throw .argumentOutsideDomain(function: "log") }
    return logarithm(x, precision: precision)
  }

  /// Encloses log(1 + x) over every x of a ball.
  ///
  /// Throws `argumentOutsideDomain` unless the whole ball is above −1.
  ///
  /// *Edge cases*: log1p 0 is exactly 0.
  ///
  /// *Error bound*: as for `log` of the ball 1 + x, which is exact; near x = 0 relative to the value too.
  package static func log1p(_ x: Ball, precision: Int) throws(EnclosureError) -> Ball {
    guard x.lower > -1 else { throw .argumentOutsideDomain(function: "log1p") }
    return logarithm(Ball(midpoint: x.midpoint + .one, radius: x.radius), precision: precision)
  }

  /// The logarithm of a positive ball.
  private static func logarithm(_ x: Ball, precision: Int) -> Ball {
    let precision = Swift.max(precision, 2)
    guard x.isRelativelyNarrow else {
      return hull(
        logarithm(x.lower, precision: precision), logarithm(x.upper, precision: precision), precision: precision)
    }
    let value = logarithm(x.midpoint, precision: precision)
    if x.isExact { return value }
    let slope = x.lower.rounded(toBits: 32, .down).reciprocal
    return Ball(midpoint: value.midpoint, radius: value.radius + x.radius * slope).rounded(to: precision)
  }

  /// The logarithm of a positive number.
  ///
  /// x = 2ⁿ·(1 + v) with −¼ ≤ v < ½, log x = n·log 2 + log(1 + v). For n = 0, |log(1 + v)| > 0.8·|v|, and the scale
  /// makes |v| at least 2^(p + 9) units; elsewhere |log x| > 0.28·Swift.max(1, |n|). The error is 12 + |n| units.
  private static func logarithm(_ x: Rational, precision: Int) -> Ball {
    var power = x.floorLog2
    if x.scaled(byPowerOfTwo: 1 - power) >= 3 { power += 1 }
    var scale = precision + 10
    if power == 0 {
      let v = x - .one
      if v.isZero { return Ball(.zero) }
      if let ball = tangent(at: v, precision: precision) { return ball }
      scale -= v.floorLog2
    }
    let v = x.scaled(byPowerOfTwo: -power).floor(scale: scale) - Integer.powerOfTwo(scale)
    var value = LogarithmKernel.logarithm(onePlus: v, scale: scale)
    if power != 0 {
      value.addProduct(MathematicalConstant.logarithmOfTwo.floor(scale: scale), power)
    }
    return FixedPoint(value: value, error: LogarithmKernel.error + abs(power), scale: scale)
      .ball(precision: precision)
  }
}
