extension Float {
  /// Numbers that are shorter to write, the shortest first: 0, 1, −1, powers of two, fewer significand bits.
  var simpler: [Float] {
    guard isFinite else { return [0, 1, -1] }
    if self == 0 { return sign == .minus ? [0] : [] }
    var candidates: [Float] = [0, 1, -1]
    let unit: Float = sign == .minus ? -1 : 1
    for bits in [1, 2, 3, 4, 8, 12, 16, 20] where isNormal {
      let step = magnitude.ulp * Float(sign: .plus, exponent: 24 - bits, significand: 1)
      for rule in [FloatingPointRoundingRule.down, .up] {
        let significand = (magnitude / step).rounded(rule)
        // With the exponent taken away first: numbers near one are the shortest.
        candidates.append(unit * significand * Float(sign: .plus, exponent: 1 - bits, significand: 1))
        candidates.append(unit * significand * step)
      }
    }
    candidates.append(magnitude)
    return candidates.filter { $0.isFinite && $0.writtenLength < writtenLength }
  }

  /// The amount that there is to read: the characters of the hex float, and nothing for zero.
  private var writtenLength: Int { self == 0 ? (sign == .minus ? 1 : 0) : self == 1 ? 2 : hexadecimal.count }
}
