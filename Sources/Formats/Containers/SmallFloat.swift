/// Floating-point numbers of at most eight bits, by their bits.
///
/// Source: OCP 2023, *8-bit Floating Point Specification (OFP8)*, section 5, and *Microscaling Formats (MX) Specification 1.0*, section 5.3.
enum SmallFloat {
  /// A sign, four bits of exponent, three of fraction; no infinities.
  static let e4m3 = (0..<256).map { bits in
    bits & 127 == 127 ? .nan : number(bits, exponentBits: 4, fractionBits: 3)
  }

  /// A sign, five bits of exponent, two of fraction, infinities and NaNs as in IEEE 754.
  static let e5m2 = (0..<256).map { bits in
    bits & 124 == 124
      ? (bits & 3 == 0 ? (bits > 127 ? -.infinity : .infinity) : .nan)
      : number(bits, exponentBits: 5, fractionBits: 2)
  }

  /// Eight bits of exponent: powers of two.
  static let e8m0 = (0..<256).map { bits in
    bits == 255 ? .nan : Double(sign: .plus, exponent: bits - 127, significand: 1)
  }

  /// A sign, two bits of exponent, one of fraction.
  static let e2m1 = (0..<16).map { number($0, exponentBits: 2, fractionBits: 1) }

  /// The number of `bits` by IEEE 754's rules, exponents of all ones included.
  private static func number(_ bits: Int, exponentBits: Int, fractionBits: Int) -> Double {
    let exponent = bits >> fractionBits & (1 << exponentBits - 1)
    let fraction = bits & (1 << fractionBits - 1)
    let bias = 1 << (exponentBits - 1) - 1
    let magnitude = Double(
      sign: .plus, exponent: max(exponent, 1) - bias - fractionBits,
      significand: Double(fraction + (exponent == 0 ? 0 : 1 << fractionBits)))
    return bits >> (exponentBits + fractionBits) & 1 == 1 ? -magnitude : magnitude
  }
}
