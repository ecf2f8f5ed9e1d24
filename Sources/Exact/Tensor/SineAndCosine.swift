/// sin x and cos x for many x ≥ 0 at one precision: fixed point of `limbCount` limbs after the point.
///
/// Method: x = k·π/2 + t, and where t is above π/4 its complement π/2 − t, whose sine is t's cosine; that is i/256 + z with
/// 0 ≤ z < 2^−8, the sine and the cosine of i/256 from a table, those of z from Taylor's series, put together by the addition
/// theorems.
///
/// Source: the reduction by a table and the series whose coefficients are integers of one limb over a common divisor are those of
/// Johansson, "Efficient implementation of elementary functions in the medium-precision range" (2015), sections 3 and 4; the
/// splitting of the sum is Paterson & Stockmeyer's (1973).
///
/// *Error bound*: 16 units of 2^(−64·`limbCount`).
///
/// *Proof*. In those units, n limbs, every rounding being less than one unit.
/// - The series of cos z and of sin z ÷ z in u = z² < 2^−16, with cₖ the coefficients and c₀ their divisor: a power of u lacks
///   e ≤ 1 + 2·2^−16·e < 2, and what that makes of the sum is Σ 2.1·cₖ ÷ c₀ ≤ Σ 2.1 ÷ (2k)! < 1.2 over k ≥ 1. Each product with
///   u^m loses 1 ÷ c₀, and there are fewer than c₀ of them, for c₀ is at least (2·count − 2)! or 19!. The error of a later
///   group of terms is divided by its product, which leaves less than 1, its division adds 1, and both are divided by c₀: below
///   1. The last division: 1. The first term left out is at most half a unit, and each later one less than half of the one
///   before: 1. Sum: below 6.
/// - sin z = z·(sin z ÷ z) is within 6·2^−8 + 1 < 2.
/// - sin(i/256)·cos z + cos(i/256)·sin z, the table's entries lacking less than 2: 0.71·6 + 2 + 1 and 2 + 2·2^−8 + 1, together
///   below 11. cos(i/256)·cos z − sin(i/256)·sin z: 6 + 2 + 1 and 0.71·2 + 2·2^−8 + 1, together below 12.
/// - With g limbs of x before the point k < 2^(64g), and k·π/2, computed with π/2 rounded down at n + g limbs, lacks less than
///   0.64; x is cut there too, the remainder is cut to n limbs, and so is π/2 before its complement is taken: below
///   3 in t. Sum: below 15.
struct SineAndCosine {
  /// The limbs after the point.
  let limbCount: Int
  private let table: SineTable
  private let sine: SeriesCoefficients
  private let cosine: SeriesCoefficients
  private let blockLength: Int
  /// π/2 with `limbCount` + 1 limbs after the point, for an argument below 2^64.
  private let quarterTurn: [UInt]

  /// The bound proved above, in units.
  static let error: UInt64 = 16

  /// |x| must be below two to the power of this: more bits of π are not worth computing.
  static let limit = 4096

  init(limbCount: Int) {
    func sineFactor(_ index: Int) -> UInt { UInt(2 * index * (2 * index + 1)) }
    func cosineFactor(_ index: Int) -> UInt { UInt((2 * index - 1) * 2 * index) }
    self.limbCount = limbCount
    table = SineTable.table(limbCount: limbCount)
    // The cosine's series needs no fewer terms.
    let count = SeriesCoefficients.count(bits: 16, scale: 64 * limbCount, factor: cosineFactor)
    sine = SeriesCoefficients(count: count, factor: sineFactor)
    cosine = SeriesCoefficients(count: count, factor: cosineFactor)
    // Even, so that every block begins with a term that is added.
    var length = 2
    while length * length < 2 * count { length += 2 }
    blockLength = length
    quarterTurn = SineAndCosine.quarterTurn(limbCount: limbCount + 1)
  }

  private static func quarterTurn(limbCount: Int) -> [UInt] {
    // π/2 is above 1: there are limbCount + 1 words.
    MathematicalConstant.pi.floor(scale: 64 * limbCount - 1).magnitudeWords
  }

  /// The limbs that `evaluate` needs to work.
  var scratchCount: Int { (blockLength + 7) * (limbCount + 1) }

  /// Makes `sine` and `cosine`, fractions, |sin| and |cos| of t for `size` · 2^`exponent` = k·π/2 + t, and returns k mod 4.
  ///
  /// - Precondition: the number is below 2^`limit`.
  func evaluate(
    _ size: Limbs, exponent: Int, sine: MutableLimbs, cosine: MutableLimbs, scratch: MutableLimbs
  ) -> UInt {
    let n = limbCount
    precondition(sine.count == n && cosine.count == n)
    let (angle, cosineSum) = (scratch.part(0, n + 1), scratch.part(n + 1, n + 1))
    let (sineSum, product) = (scratch.part(2 * (n + 1), n + 1), scratch.part(3 * (n + 1), 2 * (n + 1)))
    let powers = scratch.part(5 * (n + 1), (blockLength + 1) * n)
    let (quarterTurns, isComplement) = reduce(size, exponent: exponent, into: angle)
    let top = angle[n - 1]
    let index = Int(top >> 56)
    angle[n - 1] = top & (1 << 56 - 1)
    let z = angle.limbs.part(0, n)

    setPowers(z, powers, product)
    series(self.cosine, into: cosineSum, powers, product)
    series(self.sine, into: sineSum, powers, product)
    // sin z, below 2^−8.
    let whole = product.part(0, 2 * n + 1)
    whole.setProduct(sineSum.limbs, z)
    let sineZ = sineSum.part(0, n)
    sineZ.set(whole.limbs.part(n, n))
    // cos z, at most the greatest fraction.
    if cosineSum[n] > 0 { for limb in 0..<n { cosineSum[limb] = .max } }
    let cosineZ = cosineSum.limbs.part(0, n)

    let square = product.part(0, 2 * n)
    let high = square.limbs.part(n, n)
    let start = index * table.limbCount + table.limbCount - n
    let (first, second) = isComplement ? (cosine, sine) : (sine, cosine)
    Limbs.reading(table.sine) { sines in
      Limbs.reading(table.cosine) { cosines in
        let (s, c) = (sines.part(start, n), cosines.part(start, n))
        square.setProduct(s, cosineZ)
        first.set(high)
        square.setProduct(c, sineZ.limbs)
        // At most 0.71 and a little: nothing is carried out.
        first.add(high)
        square.setProduct(c, cosineZ)
        second.set(high)
        square.setProduct(s, sineZ.limbs)
        // At least 0.7 and a little less: nothing is borrowed.
        second.subtract(high)
      }
    }
    return quarterTurns
  }

  /// Makes `angle` t, or π/2 − t where that is told, below 202/256; k mod 4.
  private func reduce(
    _ size: Limbs, exponent: Int, into angle: MutableLimbs
  ) -> (quarterTurns: UInt, isComplement: Bool) {
    let n = limbCount
    let bits = size.bitWidth + exponent
    precondition(bits <= SineAndCosine.limit)
    guard bits >= 0 else {
      // Below 1/2.
      SignedRow.shift(size, by: exponent + 64 * n, into: angle)
      return (0, false)
    }
    let g = max(1, (bits + 63) / 64)
    let quarter = g == 1 ? quarterTurn : SineAndCosine.quarterTurn(limbCount: n + g)
    return MutableLimbs.scratch(2 * n + 4 * g + 1) { scratch in
      let y = scratch.part(0, n + 2 * g)
      let (quotient, remainder) = (scratch.part(n + 2 * g, g), scratch.part(n + 3 * g, n + g + 1))
      SignedRow.shift(size, by: exponent + 64 * (n + g), into: y)
      return Limbs.reading(quarter) { quarter in
        quotient.setQuotient(y.limbs, quarter, remainder: remainder)
        angle.set(remainder.limbs.part(g, n + 1))
        // ⌊2^64·π/4⌋; how the two sides share what lies at the border is indifferent, as long as the table reaches there.
        guard angle[n] > 0 || angle[n - 1] > 0xC90F_DAA2_2168_C234 else { return (quotient[0] & 3, false) }
        let t = remainder.part(g, n + 1)
        angle.set(quarter.part(g, n + 1))
        angle.subtract(t.limbs)
        return (quotient[0] & 3, true)
      }
    }
  }

  /// Makes the powers u = z², u², … u^m, from the second place on.
  private func setPowers(_ z: Limbs, _ powers: MutableLimbs, _ product: MutableLimbs) {
    let n = limbCount
    let square = product.part(0, 2 * n)
    func power(_ index: Int) -> MutableLimbs { powers.part(index * n, n) }
    for index in 1...blockLength {
      if index == 1 {
        square.setSquare(z)
      } else if index % 2 == 0 {
        square.setSquare(power(index / 2).limbs)
      } else {
        square.setProduct(power(index / 2).limbs, power(index - index / 2).limbs)
      }
      power(index).set(square.limbs.part(n, n))
    }
  }

  /// Makes `sum`, of one limb more than the fraction, Σ (−1)^k·u^k·cₖ ÷ c₀.
  ///
  /// Between the blocks' first terms it may be negative, in two's complement: below 2^48 in magnitude wherever it is divided,
  /// for only a term without a power of u is greater, and that is the last of its block.
  private func series(
    _ coefficients: SeriesCoefficients, into sum: MutableLimbs, _ powers: MutableLimbs, _ product: MutableLimbs
  ) {
    let n = limbCount
    let m = blockLength
    func power(_ index: Int) -> Limbs { powers.limbs.part(index * n, n) }
    // u^m < 2^(−16m): so many limbs of it are 0.
    let zeros = min(16 * m / 64, n - 1)
    sum.clear()
    for index in coefficients.terms.indices.reversed() {
      let coefficient = coefficients.terms[index]
      if let divisor = coefficient.laterDivisor { sum.divideMagnitude(by: divisor) }
      let place = index % m
      if place % 2 == 1 {
        sum[n] &-= sum.part(0, n).subtractProduct(power(place), coefficient.value)
      } else if place > 0 {
        sum[n] &+= sum.part(0, n).addProduct(power(place), coefficient.value)
      } else {
        sum[n] &+= coefficient.value
        if index > 0 {
          let whole = product.part(0, 2 * n + 1 - zeros)
          whole.setProduct(sum.limbs, power(m).part(0, n - zeros))
          sum.clear()
          sum.part(0, n + 1 - zeros).set(whole.limbs.part(n, n + 1 - zeros))
        }
      }
    }
    sum.divide(by: coefficients.divisor)
  }
}
