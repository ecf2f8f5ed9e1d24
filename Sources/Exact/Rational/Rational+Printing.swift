extension Rational: CustomStringConvertible {
  /// The value in lowest terms, `-12` or `1/3`; `init(_: String)` reads it back.
  package var description: String {
    let denominator = denominator
    return denominator == .one ? "\(numerator)" : "\(numerator)/\(denominator)"
  }

  /// The value without loss: a hexadecimal float such as `0x1.8p-3` where it is dyadic, else as `description`.
  ///
  /// `init(_: String)` reads it back.
  package var exactText: String { hexadecimal ?? description }

  /// The value as C's `%a` writes floats, `-0x1.8p-3`, with as many digits as it needs; nil where it is not dyadic.
  package var hexadecimal: String? {
    guard isDyadic else { return nil }
    if isZero { return "0x0p+0" }
    // Padded to whole digits after the leading 1.
    let fractionBits = significand.bitWidth - 1
    let padding = (4 - fractionBits % 4) % 4
    let fraction = (significand.magnitude << padding).description(radix: 16).dropFirst()
    let sign = signum() < 0 ? "-" : ""
    let binade = floorLog2
    return "\(sign)0x1\(fraction.isEmpty ? "" : ".")\(fraction)p\(binade < 0 ? "" : "+")\(binade)"
  }

  /// The value in decimal with `digits` significant digits: `0.33333`, or `3.3333e-12` where zeros would be needed to
  /// reach the point.
  ///
  /// *Edge cases*: 0 is `0`; up to five zeros may follow the point before the first digit.
  /// - Precondition: `digits` is at least 1.
  package func decimal(
    significantDigits digits: Int, _ rule: FloatingPointRoundingRule = .toNearestOrEven
  ) -> String {
    precondition(digits >= 1, "Rational: fewer than 1 digit")
    if isZero { return "0" }
    let power = floorLog10 - digits + 1
    let scaled = tenths(power, rule)
    // Rounding may reach the next power of ten, which has a digit too many.
    return scaled.magnitude == Integer(10).power(digits)
      ? Rational.digits(scaled.dividedExactly(by: 10), power: power + 1)
      : Rational.digits(scaled, power: power)
  }

  /// The value in decimal with `digits` digits after the point.
  ///
  /// *Edge cases*: a negative value that rounds to zero is written `-0.00`.
  /// - Precondition: `digits` is not negative.
  package func decimal(fractionDigits digits: Int, _ rule: FloatingPointRoundingRule = .toNearestOrEven) -> String {
    precondition(digits >= 0, "Rational: a negative number of digits")
    let scaled = tenths(-digits, rule)
    let text = Rational.positional(scaled, fractionDigits: digits)
    return scaled.isZero && signum() < 0 ? "-\(text)" : text
  }

  /// scaled·10ᵖᵒʷᵉʳ showing exactly the digits of `scaled`, with an exponent where they do not reach the point.
  static func digits(_ scaled: Integer, power: Int) -> String {
    let leading = scaled.magnitude.description.utf8.count - 1 + power
    return leading >= -5 && power <= 0
      ? positional(scaled, fractionDigits: -power)
      : "\(positional(scaled, fractionDigits: leading - power))e\(leading)"
  }

  /// scaled·10^(−fractionDigits) in digits.
  static func positional(_ scaled: Integer, fractionDigits: Int) -> String {
    let digits = scaled.magnitude.description
    let padded = String(repeating: "0", count: max(0, fractionDigits + 1 - digits.utf8.count)) + digits
    let sign = scaled.signum() < 0 ? "-" : ""
    return "\(sign)\(padded.dropLast(fractionDigits))\(fractionDigits > 0 ? "." : "")\(padded.suffix(fractionDigits))"
  }

  /// The integer that `rule` chooses for self ÷ 10ᵖᵒʷᵉʳ.
  func tenths(_ power: Int, _ rule: FloatingPointRoundingRule) -> Integer {
    let scale = Integer(10).power(abs(power))
    return power > 0
      ? (self * Rational(.one, over: scale)).units(ofPowerOfTwo: 0, rule)
      : (self * Rational(scale)).units(ofPowerOfTwo: 0, rule)
  }

  /// ⌊log₁₀|self|⌋.
  ///
  /// - Precondition: this rational is not 0.
  var floorLog10: Int {
    // 0.30102 < log₁₀2 < 0.30103, so this is at most one too small near 1, and the loops below repair any error.
    var guess = floorLog2 * 30103 / 100_000
    func power(_ exponent: Int) -> Rational { Rational(10).power(exponent) }
    let size = magnitude
    while power(guess) > size { guess -= 1 }
    while power(guess + 1) <= size { guess += 1 }
    return guess
  }
}
