extension Ball {
  /// A ball that contains this one, whose midpoint has at most `precision` significant bits and whose radius at most 32.
  ///
  /// *Edge cases*: an exact ball whose midpoint is short enough stays exact.
  /// *Error bound*: the radius grows by at most half a unit of the rounded midpoint's last place, then by less than one
  /// part in 2³¹ of itself.
  /// - Precondition: `precision` is at least 1.
  package func rounded(to precision: Int) -> Ball {
    let shorter = midpoint.rounded(toBits: precision, .toNearestOrEven)
    if shorter == midpoint {
      return Ball(midpoint: midpoint, radius: radius.rounded(toBits: Ball.radiusBits, .up))
    }
    // Half of the unit 2^(⌊log₂|midpoint|⌋ − precision + 1) bounds |shorter − midpoint|.
    let half = Rational.powerOfTwo(midpoint.floorLog2 - precision)
    return Ball(midpoint: shorter, radius: (radius + half).rounded(toBits: Ball.radiusBits, .up))
  }

  /// The float that every number of the ball rounds to, or nil where they round to different ones: not decided at this
  /// precision.
  ///
  /// *Edge cases*: see `Rational.rounded(to:_:)`; +0 and −0 are different floats here, so a ball that holds 0 together
  /// with negative numbers decides nothing however small it is, while the exact ball 0 gives +0.
  package func rounded<Format: BinaryFloatingPoint>(
    to format: Format.Type, _ rule: FloatingPointRoundingRule
  ) -> Format? {
    // Rounding is monotonic: what both ends round to, all between them do.
    let low = lower.rounded(to: format, rule)
    if isExact { return low }
    let high = upper.rounded(to: format, rule)
    return low == high && low.sign == high.sign ? low : nil
  }
}
