/// Sums of power series in fixed point.
enum Series {
  /// Σₖ uᵏ ÷ (d(1)·d(2)⋯d(k)) over k ≥ 0, in fixed point at `scale`, within `error` units.
  ///
  /// With d(k) = k this is exp u, with (2k−1)·2k and u = −t² it is cos t, with 2k·(2k+1) it is sin t ÷ t.
  /// - Precondition: |u| ≤ 5/8, d(1) ≥ 1, d(k) ≥ 2 for k ≥ 2.
  ///
  /// *Error bound*: 32 units. Method: Paterson & Stockmeyer's rectangular splitting (SIAM J. Comput. 2, 1973), Horner's
  /// scheme in uᵐ, whose coefficients are sums of u⁰ … uᵐ⁻¹, the divisions by d done one after another:
  /// Rₙ = u^(n mod m), Rₖ = u^(k mod m) + Rₖ₊₁·(uᵐ if m divides k+1, else 1) ÷ d(k+1), result R₀.
  ///
  /// *Proof*, in units, all roundings being less than one unit.
  /// - A power uʲ is off by eⱼ ≤ 5/8·eⱼ₋₁ + 1 with e₁ = 0, hence by less than 1 ÷ (1 − 5/8) < 3.
  /// - |Rₖ| ≤ Σ (5/8)ⁱ < 3. Let δₖ be the error of Rₖ, δₙ < 3. If m divides k+1, the product is off by at most
  ///   5/8·δₖ₊₁ + 3·3 + 1 (the product of both errors, below 2⁻ˢ⁺⁷, is within the slack of the last line); the division
  ///   and the power add 1 + 3. So δₖ ≤ (5/8·δₖ₊₁ + 10) ÷ 2 + 4 < 14 for k ≥ 1, and δ₀ ≤ 5/8·14 + 10 + 4 < 23.
  ///   Elsewhere δₖ ≤ δₖ₊₁ ÷ 2 + 4 < 14 for k ≥ 1, and δ₀ ≤ 14 + 4 = 18.
  /// - The first term left out is below half a unit by the choice of n, and each later one is at most half of the one
  ///   before: less than 1 unit together. Sum: below 24.
  static func sum(_ argument: Integer, scale: Int, divisor: (Int) -> Int) -> Integer {
    let count = termCount(bitsBelowOne: scale - argument.bitWidth, scale: scale, divisor: divisor)
    let blockLength = max(1, integerSquareRoot(count))
    var scratch = Integer.zero
    var powers = [Integer.powerOfTwo(scale), argument]
    while powers.count <= blockLength {
      var next = powers[powers.count - 1]
      next.multiply(by: argument, scale: scale, scratch: &scratch)
      powers.append(next)
    }
    var sum = powers[count % blockLength]
    for index in (0..<count).reversed() {
      if (index + 1) % blockLength == 0 {
        sum.multiply(by: powers[blockLength], scale: scale, scratch: &scratch)
      }
      sum.divideFloor(by: divisor(index + 1))
      sum += powers[index % blockLength]
    }
    return sum
  }

  /// The bound proved in `sum`, in units.
  static let error = 32

  /// The least n ≥ 1 for which |u|ⁿ⁺¹ ÷ (d(1)⋯d(n+1)) is below half a unit, given |u| < 2^−bits.
  private static func termCount(bitsBelowOne bits: Int, scale: Int, divisor: (Int) -> Int) -> Int {
    var count = 0
    var termBits = 0
    repeat {
      count += 1
      termBits += bits + floorLog2(divisor(count))
    } while termBits < scale + 1 || count < 2
    return count - 1
  }

  /// ⌊log₂ value⌋ of a positive value.
  private static func floorLog2(_ value: Int) -> Int {
    Int.bitWidth - 1 - value.leadingZeroBitCount
  }

  /// ⌊√value⌋ of a small number that is not negative.
  private static func integerSquareRoot(_ value: Int) -> Int {
    var root = 0
    while (root + 1) * (root + 1) <= value { root += 1 }
    return root
  }
}
