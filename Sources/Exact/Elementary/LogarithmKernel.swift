/// log(1 + v) in fixed point.
enum LogarithmKernel {
  /// log(1 + v) for −¼ ≤ v ≤ ½, in fixed point at `scale`, within `error` units.
  ///
  /// Method: for any y at all, log(1 + v) = y + log(1 + u) with u = (1 + v)·e⁻ʸ − 1, and
  /// log(1 + u) = 2·artanh z with z = u ÷ (2 + u). With y right to a fifth of the bits, z + z³ ÷ 3 is enough.
  ///
  /// *Proof*. Nothing is asked of y but that z came out small, which is looked at. The kernel of e⁻ʸ − 1 =: w is
  /// within 2 units, so u = v + w + v·w within 2·(1 + ½) + 1 = 4; dz/du = 2 ÷ (2 + u)² < 0.51 for the small u here, so z
  /// is within 4·0.51 + 1 < 3.1, and 2z within 6.2. The cube term is off by less than ⅔·(3z²·3.1 + 2) + 1 < 2.5. The terms
  /// left out, 2·(z⁵ ÷ 5 + z⁷ ÷ 7 + …) < |z|⁵ ÷ 2, are below half a unit where |z|⁵ < 2⁻ˢ. Together: below 10. The caller's
  /// v, cut to the scale, may add 1 ÷ (1 + v) < 2 more: `error` is 12.
  static func logarithm(onePlus v: Integer, scale: Int) -> Integer {
    var result = approximation(onePlus: v, scale: scale)
    while true {
      let power = ExponentialKernel.exponentialMinusOne(-result, scale: scale)
      let u = v + power + (v * power) >> scale
      let z = u.divided(by: u + Integer.powerOfTwo(scale + 1), scale: scale)
      if 5 * (scale - z.bitWidth) >= scale {
        var cube = z
        var scratch = Integer.zero
        cube.square(scale: scale, scratch: &scratch)
        cube.multiply(by: z, scale: scale, scratch: &scratch)
        cube <<= 1
        cube.divideFloor(by: 3)
        result += z << 1
        result += cube
        return result
      }
      // Newton's step; |z| falls at least like its square.
      result += z << 1
    }
  }

  /// The bound proved in `logarithm`, in units.
  static let error = 12

  /// About a fifth of the bits of log(1 + v).
  ///
  /// No proof rests on it.
  private static func approximation(onePlus v: Integer, scale: Int) -> Integer {
    let coarse = max(30, scale / 5 + 6)
    guard coarse > 30 else { return machineApproximation(onePlus: v >> (scale - 30)) << (scale - 30) }
    return logarithm(onePlus: v >> (scale - coarse), scale: coarse) << (scale - coarse)
  }

  /// log(1 + v) to about 26 bits, at scale 30: 2·(z + z³ ÷ 3 + … + z¹³ ÷ 13) with z = v ÷ (2 + v), |z| ≤ 1/5.
  private static func machineApproximation(onePlus v: Integer) -> Integer {
    let v = v.asInt() ?? 0
    let z = v << 30 / (2 << 30 + v)
    let square = (z * z) >> 30
    var sum = 0
    for odd in stride(from: 13, through: 1, by: -2) {
      sum = (sum * square) >> 30 + (1 << 30) / odd
    }
    return Integer((sum * z) >> 29)
  }
}
