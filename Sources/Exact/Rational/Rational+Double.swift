internal import CGMP

/// Rounding outward to Float64, as reports do to every element: what `rounded(to:_:)` and `/` give, without their integers.
extension Rational {
  /// The least Double that is not below this number; infinite above the greatest.
  package var doubleRoundedUp: Double { rounded(outward: .plus) }

  /// The greatest Double that is not above this number; infinite below the least.
  package var doubleRoundedDown: Double { rounded(outward: .minus) }

  /// The least Double that is not below this number ÷ `divisor`.
  ///
  /// - Precondition: this number is not negative, and `divisor` is positive.
  package func quotientRoundedUp(by divisor: Rational) -> Double {
    precondition(signum() >= 0 && divisor.signum() > 0, "Rational: a quotient of negative numbers")
    guard !isZero else { return 0 }
    guard oddDenominator == nil, divisor.oddDenominator == nil else { return (self / divisor).doubleRoundedUp }
    // Of at least 64 bits, the integer part q of the shifted quotient has 63 or more. Where there is a rest, the quotient
    // lies between q and q + 1, between which there is no Double and no middle: it is rounded up as q + ½ is.
    let shift = max(0, 64 + divisor.significand.bitWidth - significand.bitWidth)
    let shifted = significand << shift
    let floor = shifted.dividedFloor(by: divisor.significand)
    var rest = shifted
    rest.subtractProduct(floor, divisor.significand)
    let exponent = exponent - divisor.exponent - shift
    if rest.isZero { return Rational(significand: floor, exponent: exponent).doubleRoundedUp }
    return Rational(reducedSignificand: (floor << 1) + .one, exponent: exponent - 1).doubleRoundedUp
  }

  /// The nearest Double on the side of `sign`.
  private func rounded(outward sign: FloatingPointSign) -> Double {
    let leading = leadingWord
    guard leading.width > 0 else { return 0 }
    let binade = leading.width - 1 + exponent
    guard oddDenominator == nil, -1022...1022 ~= binade else {
      return rounded(to: Double.self, sign == .plus ? .up : .down)
    }
    // The significand is odd: what lies below its first 64 bits, if anything does, is not 0.
    let isInexact = leading.word & 0x7FF != 0 || leading.width > 64
    let isAway = isInexact && leading.isNegative == (sign == .minus)
    // At most 2^53, and so exact; and below 2^1024 when it is put in its place.
    let magnitude = Double(leading.word >> 11 + (isAway ? 1 : 0))
    return Double(
      sign: leading.isNegative ? .minus : .plus, exponent: binade - 52, significand: magnitude)
  }

  /// Whether a step of `step` from this number toward `sign` is one that `doubleRoundedUp`, or `doubleRoundedDown`, takes in
  /// already: false where that is not quickly seen.
  ///
  /// The last 11 of the first 64 bits lie below those of a Double: b units of the last one, and the rest of the number is less
  /// than one unit more. Rounding the magnitude down moves it by at least b units, rounding it up by more than 2¹¹ − 1 − b.
  func takesIn(_ step: Rational, toward sign: FloatingPointSign) -> Bool {
    let leading = leadingWord
    guard leading.width > 0, oddDenominator == nil, step.oddDenominator == nil else { return false }
    let binade = leading.width - 1 + exponent
    guard -900...1000 ~= binade, step.signum() > 0 else { return false }
    let below = Int(leading.word & 0x7FF)
    let units = leading.isNegative == (sign == .minus) ? 0x7FF - below : below
    let isInexact = below != 0 || leading.width > 64
    // The step is less than 2^(floorLog2 + 1).
    return isInexact && units > 0 && step.floorLog2 + 1 <= binade - 63 + (Int.bitWidth - 1 - units.leadingZeroBitCount)
  }

  /// The first 64 bits of the significand's magnitude, of which the first is 1, and the number of all its bits; 0 of 0.
  private var leadingWord: (word: UInt, width: Int, isNegative: Bool) {
    // GMP normalises: the number has `mpz_size` initialised limbs, of which the last is not 0. It is only read.
    unsafe significand.read { number in
      let count = Int(unsafe plumb_mpz_size(number))
      guard count > 0, let limbs = unsafe mpz_limbs_read(number) else { return (0, 0, false) }
      let last = unsafe limbs[count - 1]
      let zeros = UInt(last).leadingZeroBitCount
      // A shift by 64 gives 0.
      let below = count > 1 ? UInt(unsafe limbs[count - 2]) >> (64 - zeros) : 0
      return (UInt(last) << zeros | below, 64 * count - zeros, unsafe plumb_mpz_sgn(number) < 0)
    }
  }
}
