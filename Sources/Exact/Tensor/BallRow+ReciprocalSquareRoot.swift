extension BallRow {
  /// 1 ÷ √x of each element, to `precision` bits from the greatest on.
  ///
  /// Method: in units of 2^−s the value at the midpoint m·2^e is ⌊√⌊2^(2s−e) ÷ m⌋⌋, one division and one root of limbs.
  ///
  /// *Error bound*: ⌊√⌊q⌋⌋ = ⌊√q⌋, less than a unit below √q. Only so many limbs of m are kept as hold at least b + 8 bits for
  /// a value below 2^b units: the quotient grows by less than one part in 2^(b + 7), its root by less than 2^−7 units. A ball
  /// m ± r spreads by at most 1/√m·(1 ÷ √(1 − r/m) − 1) on the side of 0, and by less on the other.
  /// - Throws: `EnclosureError` unless every ball is positive.
  package func reciprocalSquareRoot(precision: Int) throws(EnclosureError) -> BallRow {
    guard count > 0 else { return self }
    let spreads = try relativeSpreads()
    // An element in 2^(t−1)..<2^t has its value in 2^(−t/2)...2^((1−t)/2).
    let tops = Limbs.reading(limbs) { all in
      (0..<count).map { all.part($0 * limbCount, limbCount).bitWidth + exponent }
    }
    let top = tops.map(BallRow.rootTop).max() ?? 0
    // No digits far below the greatest radius: 2^(−t/2) times the spread is at least half of it.
    let spreadTop = zip(tops, spreads).lazy.filter { !$1.isZero }.map { $1.top - 1 - ($0 + 1) >> 1 }.max()
    var unit = top - max(precision, 2) - 8
    if let spreadTop { unit = min(max(unit, spreadTop - BallRow.radiusBits - 8), top - 8) }
    // Values are at most 2^(top − unit) + 1 units.
    let width = (top - unit + 1) / 64 + 1
    var result = WideRow(count: count, limbCount: width, exponent: unit)
    result.fill { target, bounds in
      let sizes = [limbCount + 2 * width + 3, 2 * width + 3, limbCount]
      MutableLimbs.scratch(sizes.reduce(0, +)) { scratch in
        let parts = scratch.parts(sizes)
        Limbs.reading(limbs) { all in
          for index in 0..<count {
            let value = target.part(index * width, width)
            let bits = BallRow.rootTop(tops[index]) - unit
            if bits > 0 {
              let size = all.part(index * limbCount, limbCount)
              BallRow.root(size, exponent: exponent, unit: unit, bits: bits, into: value, parts)
            }
            let error = UpperBound(2, exponent: unit)
            let spread = spreads[index]
            bounds[index] = spread.isZero ? error : (UpperBound(value.limbs, exponent: unit) + error) * spread + error
          }
        }
      }
    }
    return BallRow([result], precision: max(precision, 2) + 8)
  }

  /// The least b with 1 ÷ √x ≤ 2^b for every x ≥ 2^(top − 1): ⌈(1 − top) ÷ 2⌉.
  private static func rootTop(_ top: Int) -> Int { (2 - top) >> 1 }

  /// Makes `value` 1 ÷ √(`size` · 2^`exponent`), at most 2^`bits` units, in units of 2^`unit`.
  private static func root(
    _ size: Limbs, exponent: Int, unit: Int, bits: Int, into value: MutableLimbs, _ scratch: [MutableLimbs]
  ) {
    let length = (size.bitWidth + 63) / 64
    let dropped = max(0, (size.bitWidth - bits - 8) / 64)
    let divisor = size.part(dropped, length - dropped)
    let power = -2 * unit - exponent - 64 * dropped
    // Below 1 the quotient, and with it the root, rounds to 0.
    guard power >= 64 * (divisor.count - 1) else { return }
    // 2^power is at most 2^(2·bits) times the divisor.
    let numerator = scratch[0].part(0, power / 64 + 1)
    numerator.clear()
    numerator[power / 64] = 1 << UInt(power % 64)
    let quotient = scratch[1].part(0, numerator.count - divisor.count + 1)
    quotient.setQuotient(numerator.limbs, divisor, remainder: scratch[2].part(0, divisor.count))
    let used = (quotient.limbs.bitWidth + 63) / 64
    if used > 0 { value.part(0, (used + 1) / 2).setSquareRoot(quotient.limbs.part(0, used)) }
  }

  /// At least 1 ÷ √(1 − r/m) − 1 for each element m ± r.
  ///
  /// That is r ÷ (m − r + √(m(m − r))), whose divisor is at least 2(m − r). r is below 2^21 units.
  private func relativeSpreads() throws(EnclosureError) -> [UpperBound] {
    var isPositive = true
    let spreads = Limbs.reading(limbs) { all in
      (0..<count).map { index -> UpperBound in
        let (m, r) = (all.part(index * limbCount, limbCount), UInt(radii[index]))
        let bits = m.bitWidth
        if m.isNegative || bits == 0 || (bits <= 31 && m[0] <= r) {
          isPositive = false
          return .zero
        }
        guard r > 0 else { return .zero }
        guard bits > 31 else {
          // Both times 2^(31 − bits), so that of the root enough bits are left.
          let (m, r) = (m[0] << UInt(31 - bits), r << UInt(31 - bits))
          return BallRow.quotient(r, m - r + BallRow.squareRootFloor((m - r) * m))
        }
        // Over 2^drop m is at least 2^31 − 1 when one is taken from its ceiling, and r below 2^21.
        let drop = bits - 32
        let least = m.ceiling(dropping: drop) - 2 - (drop < 64 ? r >> UInt(drop) : 0)
        return BallRow.quotient(r, 2 * least).scaled(byPowerOfTwo: -drop)
      }
    }
    guard isPositive else { throw .argumentOutsideDomain(function: "reciprocalSquareRoot") }
    return spreads
  }

  /// At least `dividend` ÷ `divisor`, for a dividend that is not 0 and below 2^63, and a divisor below 2^34.
  private static func quotient(_ dividend: UInt, _ divisor: UInt) -> UpperBound {
    let lift = dividend.leadingZeroBitCount - 1
    return UpperBound(UInt64((dividend << UInt(lift)) / divisor) + 1, exponent: -lift)
  }

  /// ⌊√value⌋ for a value below 2^62.
  private static func squareRootFloor(_ value: UInt) -> UInt {
    // Off by one part in 2^52 and a rounding at most, so by 1.
    var root = UInt(Double(value).squareRoot())
    while root * root > value { root -= 1 }
    return root
  }
}
