extension BallRow {
  /// Calls `body` with each element's index, a Float64 near its midpoint, and at least the distance of any number of the ball from
  /// that Float64; infinite where the midpoint or the radius is beyond Float64's range.
  ///
  /// *Error bound*: of a midpoint the highest 53 bits are kept, so that it is off by less than 2^−52 of itself, and by 2^−1022 where
  /// it is that small.
  package func eachDouble(_ body: (_ index: Int, _ value: Double, _ error: Double) -> Void) {
    guard count > 0 else { return }
    MutableLimbs.scratch(limbCount) { scratch in
      for index in 0..<count {
        let isNegative = magnitude(index, into: scratch)
        let bits = scratch.limbs.bitWidth
        let drop = max(0, bits - 53)
        let isCut = bits > 53
        let top = scratch.limbs.word(at: drop) & (1 << 53 - 1)
        let size = Double(top).times2(exponent + drop)
        let radius = radii[index] == 0 ? 0 : (Double(radii[index]) * (1 + 0x1p-52)).times2(exponent).nextUp
        var error = radius
        if isCut { error = (error + size * 0x1p-52).nextUp }
        // Below the least normal number bits are lost.
        if bits > 0, size < 0x1p-960 { error = (error + 0x1p-960).nextUp }
        body(index, isNegative ? -size : size, size.isFinite ? error : .infinity)
      }
    }
  }
}

extension Limbs {
  /// The 64 bits of the number without a sign from bit `place` on.
  fileprivate func word(at place: Int) -> UInt {
    let (limb, bits) = (place / 64, UInt(place % 64))
    guard limb < count else { return 0 }
    let low = self[limb] >> bits
    return bits == 0 || limb + 1 >= count ? low : low | self[limb + 1] << (64 - bits)
  }
}

extension Double {
  /// This number times 2^`power`, rounded where that is below the least normal number.
  fileprivate func times2(_ power: Int) -> Double {
    -1022...1023 ~= power
      ? self * Double(bitPattern: UInt64(power + 1023) << 52)
      : Double(sign: .plus, exponent: max(-2000, min(2000, power)), significand: self)
  }
}
