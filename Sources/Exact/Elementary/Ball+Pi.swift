extension Ball {
  /// Encloses π with a radius of at most 2^(1−precision) times its value.
  package static func pi(precision: Int) -> Ball {
    let precision = Swift.max(precision, 2)
    let scale = precision + 4
    return FixedPoint(value: MathematicalConstant.pi.floor(scale: scale), error: 1, scale: scale)
      .ball(precision: precision)
  }
}
