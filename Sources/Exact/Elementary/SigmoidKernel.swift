/// The logistic function in fixed point.
enum SigmoidKernel {
  /// 1 ÷ (1 + e⁻ˣ) for 0 < |x| < 2¹⁷, with relative error below 2^−precision.
  ///
  /// *Proof*. Let a = e^−|x| = v·2ⁿ⁻ˢ with v between ½ and 2 times 2ˢ, off by δ units of 2ⁿ⁻ˢ, and n ≤ 0. Then 1 + a is
  /// within δ + 1 units of 2⁻ˢ, and at least 1. So 1 ÷ (1 + a) is within δ + 2 units, and a ÷ (1 + a), in units of 2ⁿ⁻ˢ,
  /// within δ + 2·(δ + 1) + 1 = 3·δ + 3. Both values are at least 2ˢ⁻² units, and δ is below 2^(s − 4 − precision).
  static func value(_ x: Rational, precision: Int) -> FixedPoint {
    let (power, exponent) = ExponentialKernel.exponential(-x.magnitude, precision: precision + 3)
    let scale = power.scale
    let denominator = Integer.powerOfTwo(scale) + power.value >> -exponent
    return x.signum() > 0
      ? FixedPoint(
        value: Integer.powerOfTwo(2 * scale).dividedFloor(by: denominator), error: power.error + 2, scale: scale)
      : FixedPoint(
        value: power.value.divided(by: denominator, scale: scale), error: 3 * power.error + 3, scale: scale
      ).scaled(byPowerOfTwo: exponent)
  }
}
