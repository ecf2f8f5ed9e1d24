/// eˣ in fixed point.
enum ExponentialKernel {
  /// eᵗ − 1 for |t| ≤ 1, in fixed point at `scale`, within 2 units.
  ///
  /// Method: eᵗ − 1 = y for t ÷ 2ʳ from the Taylor series, then r times e²ᵃ − 1 = y·(2 + y).
  ///
  /// *Proof*. Work at scale s = `scale` + r + 8, where t ÷ 2ʳ is exactly t·2⁸ units. Let δᵢ be the error of yᵢ in units
  /// and aᵢ = |t|·2ⁱ⁻ʳ, so |yᵢ| ≤ eᵃ − 1 with a = aᵢ. One doubling gives δᵢ₊₁ ≤ δᵢ·(2 + 2|yᵢ| + δᵢ·2⁻ˢ) + 1, and
  /// Π (2 + 2|yᵢ|) ≤ 2ʳ·e^(Σ aᵢ) ≤ 2ʳ·e. Each added 1 is doubled in all later steps only, so it weighs at most as much as
  /// 2⁻ⁱ⁻¹ in δ₀: δᵣ ≤ 2ʳ·e·(32 + 1)·(1 + ε) < 2ʳ⁺⁷, where ε, from the products of two errors, is below 2⁻³⁰ because
  /// those are below 2ʳ⁺⁷·2⁻ˢ ≤ 2⁻¹⁻ˢᶜᵃˡᵉ. That is half a unit at `scale`; the final shift adds less than one.
  static func exponentialMinusOne(_ argument: Integer, scale: Int) -> Integer {
    let halvings = halvingCount(bitsBelowOne: scale - argument.bitWidth, scale: scale)
    let guardBits = halvings + 8
    let workingScale = scale + guardBits
    var result = Series.sum(argument << 8, scale: workingScale) { $0 }
    result -= Integer.powerOfTwo(workingScale)
    var scratch = Integer.zero
    for _ in 0..<halvings {
      var square = result
      square.square(scale: workingScale, scratch: &scratch)
      result <<= 1
      result += square
    }
    result >>= guardBits
    return result
  }

  /// The number of times r to halve t, given |t| < 2^−bits: enough for |t| ÷ 2ʳ < 2^−(½√s), where squarings and terms cost
  /// about the same, and at least once for |t| ≤ 1 so that the series may be used.
  private static func halvingCount(bitsBelowOne bits: Int, scale: Int) -> Int {
    var target = 2
    while 2 * target * target < scale { target += 1 }
    return max(0, target - bits)
  }

  /// From here on eˣ is not computed: e^(2¹⁶) has 94 548 binary digits before the point.
  static let limit = Rational(1 << 16)

  /// [0, 2⁻⁹⁴⁵⁴⁸], which holds eˣ where x ≤ −2¹⁶.
  static let belowLimit = Ball(lower: .zero, upper: .powerOfTwo(-94_548))

  /// eˣ = f·2ⁿ for |x| < 2¹⁷: f, between ½ and 2 and with relative error below 2^−precision, and n ≈ x ÷ log 2, of the
  /// sign of x or 0.
  ///
  /// *Proof*. n is x ÷ log 2 rounded toward zero, or a neighbour of that integer where x cut to 2⁻³² misleads, so
  /// t = x − n·log 2 lies within ±(log 2 + 2⁻¹³); no more is asked of n. The fixed-point x is off by less than one unit,
  /// n·log 2 by less than |n|, hence eᵗ by less than 2.01·(|n| + 1) + 2 units: below the error stated. With
  /// |n| < 2ᵇ and the scale s = precision + b + 5 that error, 3·|n| + 5 ≤ 2ᵇ⁺³, is below 2^(s − 1 − precision).
  static func exponential(_ x: Rational, precision: Int) -> (fraction: FixedPoint, power: Int) {
    // 2³²·log 2 = 2 977 044 471.8…
    let power = (x.floor(scale: 32).asInt() ?? 0) / 2_977_044_471
    let scale = precision + (Int.bitWidth - power.magnitude.leadingZeroBitCount) + 5
    var reduced = x.floor(scale: scale)
    if power != 0 {
      reduced.subtractProduct(MathematicalConstant.logarithmOfTwo.floor(scale: scale), power)
    }
    var value = exponentialMinusOne(reduced, scale: scale)
    value += Integer.powerOfTwo(scale)
    return (FixedPoint(value: value, error: 3 * abs(power) + 5, scale: scale), power)
  }
}
