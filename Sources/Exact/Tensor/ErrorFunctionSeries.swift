/// erf x for many x ≥ 0 at one precision: fixed point of `limbCount` limbs after the point.
///
/// Method: Kummer's form of the series, whose terms are all positive (DLMF 7.6.2), with y = x² and u = 2y:
/// erf x = 2x ÷ √π · e^(−y) · S(u), S(u) = Σ tₖ, tₖ = uᵏ ÷ (1·3·5⋯(2k+1)), summed from its end by Horner's scheme, four terms at a
/// time: Rⱼ = Σ tₖ ÷ tⱼ over k ≥ j is (c₀ + c₁u + c₂u² + c₃u³ + u⁴·Rⱼ₊₄) ÷ c₀ with c₃ = 2j + 9, c₂ = (2j + 7)·c₃, c₁ = (2j + 5)·c₂ and
/// c₀ = (2j + 3)·c₁ below 2^64.
///
/// *Error bound*: 5G + 3k + 2⌈x⌉ + 48 units of 2^(−64·`limbCount`), where G quadruples of terms were added and 2^k is at least
/// e^y and at most 2.12·e^y.
///
/// *Proof*. In those units, all roundings being down and less than one unit.
/// - Rⱼ, which is at least 1. With the u in hand, u² lacks less than 1, u³ less than u + 1, u⁴ less than 2u² + 1: the power uⁱ
///   less than 3·max(1, u)^(i−1). If u ≥ 1 that makes at most 3 times as many units as the sum c₀ + … + u⁴·Rⱼ₊₄ is great, for
///   each term 3·cᵢ·u^(i−1) ≤ 3·cᵢ·uⁱ; where u < 1, over c₀, less than 3·(1/15 + 1/105 + 2/105) < 1, for there Rⱼ₊₄ < 2.
///   The product with u⁴ loses 1 before the division by c₀, the division 1. So Rⱼ takes on less than 5·Rⱼ units, and
///   hands on what Rⱼ₊₄ lacks times u⁴ ÷ c₀ = tⱼ₊₄ ÷ tⱼ at most: S lacks less than Σ tⱼ·5·Rⱼ ≤ 5G·S units.
/// - The sum ends where tₙ is at most half a unit and u ÷ (2N + 3) at most half: what is left out is below 1 unit.
/// - u lacks less than 2 units because y lacks less than 1, and S′ ≤ S ÷ 2, for (k + 1) ÷ (2k + 3) ≤ 1/2: together S lacks less than
///   (5G + 2)·S.
/// - e^(−y) is 2^−k times a mantissa between 1 and 2.12 that is within 31 + 2.2·k, and y is off by 1: relative to it, 32 + 2.2·k.
/// - V = e^(−y)·S ≤ 1 is within V·(5G + 35 + 2.2·k) + 1: a unit for the product of both errors, one for the cutting. x·V ≤ √π/2 < 0.887, so x times the V in hand, cut, is within 0.887·(5G + 35 + 2.2·k) + x + 1.
/// - 2 ÷ √π = 1.128… lacks less than 2 (`init`): the last product, cut, is within
///   5G + 36 + 2.3·k + 1.13·x + 1.13 + 2·0.887 + 1.
/// - x is cut to n limbs, less than 1 there and 1.13 in erf. Sum: below 5G + 3k + 2x + 42.
struct ErrorFunctionSeries {
  /// The limbs after the point.
  let limbCount: Int
  private let exponential: NegativeExponential
  /// 2 ÷ √π, one limb before the point.
  private let factor: [UInt]

  /// Up to so many limbs n the divisors need but one: u < 90n + 2, and 1·3·5⋯(2N+1) ≥ (2N/e)^N, so that for N = 2·(90n + 2) a
  /// term is at most (e/4)^N < 2^(−100n) and no more are added but to fill four; 2N + 9 is below 2^16.
  static let limit = 128

  /// 2 ÷ √π is at 8 bits more the floor of the root of a floor with π off by a unit, within 3 units: with the shift, 2.
  init(limbCount: Int) {
    precondition(limbCount <= ErrorFunctionSeries.limit)
    let scale = 64 * limbCount + 8
    let fourOverPi = Integer.powerOfTwo(3 * scale + 2).dividedFloor(by: MathematicalConstant.pi.floor(scale: scale))
    self.limbCount = limbCount
    factor = (fourOverPi.squareRoot() >> 8).magnitudeWords
    exponential = NegativeExponential(limbCount: limbCount)
  }

  /// erf x, its error in units, and a bound on its derivative.
  struct Value {
    let error: UInt64
    let slope: UpperBound
  }

  /// Makes `result`, which has one limb more than the fraction, erf of `x`, which has as many; |x| is below 2^32.
  func evaluate(_ x: Limbs, into result: MutableLimbs) -> Value {
    let n = limbCount
    precondition(x.count == n + 1 && result.count == n + 1 && x[n] >> 32 == 0)
    return MutableLimbs.scratch(2 * (n + 1) + n + 1 + exponential.scratchCount) { scratch in
      let square = scratch.part(0, 2 * (n + 1))
      square.setSquare(x)
      let y = scratch.part(2 * (n + 1), n + 1)
      y.set(square.limbs.part(n, n + 1))
      guard y[n] < 45 * UInt(n) else {
        // 1 − erf x < e^(−x²) < 2^(−64n) where x ≥ 1.
        result.clear()
        result[n] = 1
        return Value(error: 1, slope: UpperBound(9244, exponent: -13 - 64 * n))
      }
      let rest = scratch.part(3 * (n + 1), exponential.scratchCount)
      let (power, halvings) = exponential.mantissa(y.limbs, scratch: rest)
      let groups = product(x, y.limbs, power, halvings, into: result)
      // 2 ÷ √π < 9244 ÷ 2^13; the mantissa's error is below 2^−32 of it.
      let slope = UpperBound(power, exponent: -64 * n - halvings) * UpperBound(9245, exponent: -13)
      return Value(error: UInt64(5 * groups + 3 * halvings + 48) + 2 * UInt64(x[n] + 1), slope: slope)
    }
  }

  /// Makes `result` 2 ÷ √π · x · `power` · 2^−`halvings` · S(2y), and returns the quadruples of terms of S.
  private func product(
    _ x: Limbs, _ y: Limbs, _ power: Limbs, _ halvings: Int, into result: MutableLimbs
  ) -> Int {
    let n = limbCount
    // S ≤ e^y ≤ 2^halvings.
    let width = n + halvings / 64 + 1
    let size = width + n + 1
    return MutableLimbs.scratch(size + width + 1) { scratch in
      let whole = scratch.part(0, size)
      let sum = scratch.part(size, width + 1)
      let groups = series(y, into: sum, product: whole)
      whole.setProduct(sum.limbs.part(0, width), power)
      // At most 1.
      result.set(whole.limbs, shiftedLeft: -64 * n - halvings)
      let double = scratch.part(0, 2 * (n + 1))
      double.setProduct(result.limbs, x)
      result.set(double.limbs.part(n, n + 1))
      Limbs.reading(factor) { double.setProduct(result.limbs, $0) }
      result.set(double.limbs.part(n, n + 1))
      return groups
    }
  }

  /// Makes `sum`, whose highest limb stays 0, S(2y), and returns the quadruples of its terms.
  private func series(_ y: Limbs, into sum: MutableLimbs, product: MutableLimbs) -> Int {
    let n = limbCount
    let width = sum.count - 1
    return MutableLimbs.scratch(6 * (n + 1)) { scratch in
      // u < 2^14, and u⁴ < 2^56.
      func power(_ index: Int) -> MutableLimbs { scratch.part((index - 1) * (n + 1), n + 1) }
      let square = scratch.part(4 * (n + 1), 2 * (n + 1))
      power(1).set(y, shiftedLeft: 1)
      square.setSquare(power(1).limbs)
      power(2).set(square.limbs.part(n, n + 1))
      square.setProduct(power(1).limbs, power(2).limbs)
      power(3).set(square.limbs.part(n, n + 1))
      square.setSquare(power(2).limbs)
      power(4).set(square.limbs.part(n, n + 1))
      let groups = groupCount(power(1).limbs, power(4).limbs)
      let low = sum.part(0, n + 1)
      sum.clear()
      for group in (0..<groups).reversed() {
        let c = Quadruple(group)
        if group < groups - 1 {
          product.setProduct(sum.limbs.part(0, width), power(4).limbs)
          sum.set(product.limbs.part(n, width + 1))
        }
        sum.add(low.addProduct(power(3).limbs, c.third), at: n + 1)
        sum.add(low.addProduct(power(2).limbs, c.second), at: n + 1)
        sum.add(low.addProduct(power(1).limbs, c.first), at: n + 1)
        sum.add(c.divisor, at: n)
        sum.divide(by: c.divisor)
      }
      return groups
    }
  }

  /// The coefficients of terms 4g to 4g + 3.
  private struct Quadruple {
    let divisor: UInt
    let first: UInt
    let second: UInt
    let third: UInt

    init(_ group: Int) {
      let odd = UInt(8 * group + 3)
      third = odd + 6
      second = third * (odd + 4)
      first = second * (odd + 2)
      divisor = first * odd
    }
  }

  /// The least G for which term 4G is at most half a unit and u at most half of 8G + 3.
  private func groupCount(_ u: Limbs, _ fourth: Limbs) -> Int {
    let most = u[limbCount] + 1
    // u⁴ lacks less than 2u² + 1 units.
    let ratio =
      UpperBound(fourth, exponent: -64 * limbCount) + UpperBound(UInt64(2 * most * most + 1), exponent: -64 * limbCount)
    var (groups, term) = (0, UpperBound.one)
    while term.top >= -64 * limbCount || UInt(8 * groups + 3) < 2 * most {
      // Rounded up: ⌈2^63 ÷ c₀⌉ or one more.
      term = term * ratio * UpperBound(UInt64((1 << 63) / Quadruple(groups).divisor + 1), exponent: -63)
      groups += 1
    }
    return groups
  }
}
