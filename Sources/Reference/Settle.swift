import PlumbExact

extension Ball {
  /// The ball with its midpoint cut to the bits that mean something; an exact ball as it is.
  ///
  /// *Error bound*: encloses this ball. The radius grows by half a unit of the last of `meaningfulBits`, then by less than
  /// one part in 2^31.
  func settled(_ precision: Int) -> Ball {
    isExact ? self : rounded(to: meaningfulBits(precision))
  }

  /// The bits of the midpoint that mean something: those down to 24 beyond the radius, so that to drop the others widens
  /// the radius by less than one part in 2^20; never more than `precision`, and at least 32.
  func meaningfulBits(_ precision: Int) -> Int {
    guard !isExact, !midpoint.isZero else { return precision }
    return Swift.max(32, Swift.min(precision, midpoint.floorLog2 - radius.floorLog2 + 24))
  }
}
