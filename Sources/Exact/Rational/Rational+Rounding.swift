extension Rational {
  /// The integer that `rule` chooses for self ÷ 2ᵉˣᵖᵒⁿᵉⁿᵗ: `self` in whole units of 2ᵉˣᵖᵒⁿᵉⁿᵗ.
  package func units(ofPowerOfTwo exponent: Int, _ rule: FloatingPointRoundingRule) -> Integer {
    let shift = exponent - self.exponent
    if let oddDenominator {
      let numerator = shift < 0 ? significand << -shift : significand
      return Rational.quotient(numerator, shift > 0 ? oddDenominator << shift : oddDenominator, rule)
    }
    if shift <= 0 { return significand << -shift }
    if isZero { return significand }
    // The significand is odd, so what is shifted out is never 0, and is exactly a half only if it is one bit.
    let half: Comparison = significand.testBit(shift - 1) ? (shift == 1 ? .equal : .above) : .below
    return Rational.choose(floor: significand >> shift, half, isNegative: signum() < 0, rule)
  }

  /// The integer that `rule` chooses for numerator ÷ denominator, where the denominator has an odd factor above 1 that the
  /// numerator does not share.
  private static func quotient(
    _ numerator: Integer, _ denominator: Integer, _ rule: FloatingPointRoundingRule
  ) -> Integer {
    let floor = numerator.dividedFloor(by: denominator)
    var rest = numerator
    rest.subtractProduct(floor, denominator)
    // That factor stays in the denominator of the rest, which so is neither 0 nor a half.
    return choose(floor: floor, rest << 1 < denominator ? .below : .above, isNegative: numerator.signum() < 0, rule)
  }

  /// The comparison of the part between floor and floor + 1 with a half.
  private enum Comparison { case below, equal, above }

  /// Floor or floor + 1, for a number strictly between them.
  private static func choose(
    floor: Integer, _ half: Comparison, isNegative: Bool, _ rule: FloatingPointRoundingRule
  ) -> Integer {
    let isUp =
      switch rule {
      case .down: false
      case .up: true
      case .towardZero: isNegative
      case .awayFromZero: !isNegative
      case .toNearestOrEven: half == .above || (half == .equal && floor.isOdd)
      case .toNearestOrAwayFromZero: half == .above || (half == .equal && !isNegative)
      @unknown default: preconditionFailure("Rational: unknown rounding rule")
      }
    return isUp ? floor + .one : floor
  }

  /// The dyadic rational of at most `bits` significant bits that `rule` chooses, as if exponents had no limits.
  ///
  /// *Error bound*: less than 2ᵉ with e = ⌊log₂|self|⌋ − bits + 1, at most half of it for the nearest rules; 0 where this
  /// rational has no more than `bits` bits.
  /// - Precondition: `bits` is at least 1.
  package func rounded(toBits bits: Int, _ rule: FloatingPointRoundingRule) -> Rational {
    precondition(bits >= 1, "Rational: rounding to fewer than 1 bit")
    if isZero || (isDyadic && significand.bitWidth <= bits) { return self }
    let unit = floorLog2 - bits + 1
    return Rational(significand: units(ofPowerOfTwo: unit, rule), exponent: unit)
  }

  /// self ÷ divisor to at least `bits` significant bits, rounded toward zero, and a bound on the error.
  ///
  /// This is far cheaper than computing and rounding the quotient itself where that needs a long denominator.
  /// *Error bound*: |result − self ÷ divisor| ≤ `error`, which is 0 where the result is exact and otherwise at most
  /// 2^(1 − bits)·|self ÷ divisor|.
  /// - Precondition: `divisor` is not 0 and `bits` is at least 1.
  func quotient(dividingBy divisor: Rational, bits: Int) -> (value: Rational, error: Rational) {
    precondition(!divisor.isZero, "Rational: division by zero")
    let numerator = divisor.oddDenominator.map { significand * $0 } ?? significand
    let denominator = oddDenominator.map { divisor.significand * $0 } ?? divisor.significand
    // |numerator| ÷ |denominator| > 2^(difference of bit widths − 1), so that shifted it is above 2^(bits − 1).
    let shift = bits - numerator.bitWidth + denominator.bitWidth
    let unit = exponent - divisor.exponent - shift
    let (quotient, remainder) =
      shift >= 0
      ? (numerator << shift).quotientAndRemainder(dividingBy: denominator)
      : numerator.quotientAndRemainder(dividingBy: denominator << -shift)
    return (Rational(significand: quotient, exponent: unit), remainder.isZero ? .zero : .powerOfTwo(unit))
  }
}
