extension Rational: LosslessStringConvertible {
  /// The greatest magnitude of an exponent in a text, decimal or binary: enough for every float format, and small enough
  /// that no short text can ask for much memory.
  static let greatestExponentInText = 1_000_000

  /// The rational that `text` writes: an integer `-12`, a quotient of integers `1/3`, a decimal `0.1` or `-2.5e-7`, or a
  /// hexadecimal float `0x1.8p-3`, whose exponent of 2 may be missing.
  ///
  /// *Edge cases*: nil for anything else: spaces, digit separators, a missing digit before or after the point,
  /// denominator 0, `nan`, `inf`, and exponents beyond ±1,000,000.
  package init?(_ text: String) {
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    let hasSign = isNegative || text.utf8.first == UInt8(ascii: "+")
    guard let magnitude = Rational.magnitude(text.dropFirst(hasSign ? 1 : 0)) else { return nil }
    self = isNegative ? -magnitude : magnitude
  }

  /// The non-negative rational of an unsigned text.
  private static func magnitude(_ text: Substring) -> Rational? {
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      return scientific(text.dropFirst(2), radix: 16, exponentMark: "p") { digits, fractionDigits, exponent in
        Rational(significand: digits, exponent: exponent - 4 * fractionDigits)
      }
    }
    guard let slash = text.firstIndex(of: "/") else {
      return scientific(text, radix: 10, exponentMark: "e") { digits, fractionDigits, exponent in
        let power = exponent - fractionDigits
        let scale = Integer(5).power(abs(power))
        return power >= 0
          ? Rational(significand: digits * scale, exponent: power)
          : Rational(significand: digits, exponent: power, over: scale)
      }
    }
    guard let numerator = unsigned(text[..<slash], radix: 10),
      let denominator = unsigned(text[text.index(after: slash)...], radix: 10), !denominator.isZero
    else { return nil }
    return Rational(numerator, over: denominator)
  }

  /// Reads `digits[.digits][mark[±]digits]` and hands over all digits as one integer, how many stood after the point, and
  /// the exponent.
  private static func scientific(
    _ text: Substring, radix: Int, exponentMark: Character,
    _ combine: (_ digits: Integer, _ fractionDigits: Int, _ exponent: Int) -> Rational
  ) -> Rational? {
    var mantissa = text
    var exponent = 0
    let mark = text.firstIndex { $0 == exponentMark || $0 == exponentMark.uppercased().first }
    if let mark {
      mantissa = text[..<mark]
      let digits = text[text.index(after: mark)...]
      // `Int` reads an optional sign and digits, and nothing else, or overflows to nil.
      guard let value = Int(digits), value.magnitude <= greatestExponentInText else { return nil }
      exponent = value
    }
    var fractionDigits = 0
    var digits = String(mantissa)
    if let point = mantissa.firstIndex(of: ".") {
      let fraction = mantissa[mantissa.index(after: point)...]
      guard !fraction.isEmpty, point != mantissa.startIndex else { return nil }
      fractionDigits = fraction.utf8.count
      digits = String(mantissa[..<point] + fraction)
    }
    return unsigned(digits[...], radix: radix).map { combine($0, fractionDigits, exponent) }
  }

  /// The integer of a text that is all digits.
  private static func unsigned(_ text: Substring, radix: Int) -> Integer? {
    guard let first = text.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
    return Integer(String(text), radix: radix)
  }
}
