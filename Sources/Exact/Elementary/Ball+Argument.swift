// How a function of a number becomes a function of a ball. Over a narrow ball m ± r it is enclosed by its value at m and
// a bound on its derivative, which costs one evaluation and widens the radius no more than the function itself does; over
// a wide ball a monotone function is enclosed by its values at both ends.
extension Ball {
  /// Whether the radius is below 1/32, so that the bounds on derivatives below are within a few percent of the truth.
  var isNarrow: Bool {
    radius.isZero || radius.floorLog2 < -5
  }

  /// Whether the radius is below 1/32 of the midpoint's magnitude.
  var isRelativelyNarrow: Bool {
    radius.isZero || (!midpoint.isZero && radius.floorLog2 < midpoint.floorLog2 - 5)
  }

  /// The values that an increasing function takes over a ball, from those at its two ends.
  static func hull(_ lowest: Ball, _ greatest: Ball, precision: Int) -> Ball {
    Ball(lower: lowest.lower, upper: greatest.upper).rounded(to: precision)
  }

  /// As many bits as are worth computing: no more than leave the function's error 2⁻¹⁶ of what this ball's radius
  /// brings anyway, where the function's relative slope, |f′ ÷ f|, is at least 2^−flatness over the ball.
  func usefulPrecision(_ precision: Int, flatness: Int) -> Int {
    radius.isZero ? precision : Swift.min(precision, Swift.max(32, 16 + flatness - radius.floorLog2))
  }
  /// f(x) where |x| < 2^−(precision+4), for an f whose tangent at 0 is the diagonal, |f(x) − x| ≤ x² for such x, as it is
  /// for eˣ − 1, log(1 + x), sin and tanh; nil for a greater x.
  ///
  /// No series is needed there, and no fixed-point number as long as its exponent is far.
  /// *Error bound*: x² < |x|·2^−(precision+4), which is the radius before the midpoint is rounded.
  static func tangent(at x: Rational, precision: Int) -> Ball? {
    guard x.floorLog2 < -precision - 4 else { return nil }
    return Ball(midpoint: x, radius: x.magnitude.scaled(byPowerOfTwo: -precision - 4)).rounded(to: precision)
  }
}
