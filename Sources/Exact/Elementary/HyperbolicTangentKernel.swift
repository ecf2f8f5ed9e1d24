/// tanh in fixed point.
enum HyperbolicTangentKernel {
  /// tanh x for 0 < x < 2¹⁶, with relative error below 2^−precision.
  ///
  /// tanh x = −w ÷ (2 + w) with w = e⁻²ˣ − 1, which lies between −1 and 0.
  ///
  /// *Proof*. w is within 4 units: for x < ½ the kernel's 2 and 1 for the argument, elsewhere 2 + 2 for what is cut off the
  /// wider scale of e⁻²ˣ. The quotient's derivative is 2 ÷ (2 + w)² ≤ 2, so tanh x is within 2·4 + 1 = 9 units;
  /// tanh x > 0.9·x for x < ½, above 0.46 elsewhere, and x·2ˢ ≥ 2^(precision + 8) where x < 1.
  static func value(_ x: Rational, precision: Int) -> FixedPoint {
    let scale = precision + 8 + max(0, -x.floorLog2)
    let w: Integer
    if x.floorLog2 < -1 {
      w = ExponentialKernel.exponentialMinusOne((-x).floor(scale: scale + 1), scale: scale)
    } else {
      let doubled = x.scaled(byPowerOfTwo: 1)
      let (power, exponent) = ExponentialKernel.exponential(-doubled, precision: scale)
      w = power.value >> (power.scale - exponent - scale) - Integer.powerOfTwo(scale)
    }
    let value = (-w).divided(by: w + Integer.powerOfTwo(scale + 1), scale: scale)
    return FixedPoint(value: value, error: 9, scale: scale)
  }
}
