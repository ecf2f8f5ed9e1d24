extension BinaryFloatingPoint {
  /// The exact value as C's `%a` writes it, such as `0x1.8p-3`; `inf`, `-inf` and `nan` where it is not finite.
  package var hexadecimal: String {
    if isNaN { return "nan" }
    let sign = sign == .minus ? "-" : ""
    if isInfinite { return sign + "inf" }
    if isZero { return sign + "0x0p+0" }
    // The significand is in [1, 2); its fraction, shifted to whole hexadecimal digits, is an integer below 2⁵⁶.
    let digits = (Self.significandBitCount + 3) / 4
    let fraction = UInt64(
      (magnitude.significand - 1) * Self(sign: .plus, exponent: Self.Exponent(4 * digits), significand: 1))
    var text = String(fraction, radix: 16)
    text = String(repeating: "0", count: digits - text.count) + text
    while text.hasSuffix("0") { text.removeLast() }
    let power = Int(exponent)
    return "\(sign)0x1\(text.isEmpty ? "" : "." + text)p\(power < 0 ? "" : "+")\(power)"
  }
}
