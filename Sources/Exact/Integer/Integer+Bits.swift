internal import CGMP

extension Integer {
  /// self·2ᶜᵒᵘⁿᵗ, rounded toward −∞ when `count` is negative.
  package static func << (value: Integer, count: Int) -> Integer {
    // The source stays alive through `read`, and the destination is new.
    unsafe value.read { source in unsafe make { unsafe shift($0, source, count) } }
  }

  /// ⌊self ÷ 2ᶜᵒᵘⁿᵗ⌋.
  package static func >> (value: Integer, count: Int) -> Integer {
    value << -count
  }

  /// Shifts left in place.
  package static func <<= (value: inout Integer, count: Int) {
    // Destination and source may coincide.
    unsafe value.update { unsafe shift($0, $1, count) }
  }

  /// Shifts right in place, rounding toward −∞.
  package static func >>= (value: inout Integer, count: Int) {
    value <<= -count
  }

  private static func shift(_ result: mpz_ptr, _ source: mpz_srcptr, _ count: Int) {
    // Both pointers are live numbers, as the callers above see to.
    if count >= 0 {
      unsafe mpz_mul_2exp(result, source, count.magnitude)
    } else {
      unsafe mpz_fdiv_q_2exp(result, source, count.magnitude)
    }
  }

  /// ⌈self ÷ 2ᶜᵒᵘⁿᵗ⌉.
  ///
  /// - Precondition: `count` is not negative.
  package func shiftedRightCeiling(by count: Int) -> Integer {
    precondition(count >= 0, "Integer: a negative number of bits")
    // The source stays alive through `read`, and the destination is new.
    return unsafe read { source in
      unsafe Integer.make { unsafe mpz_cdiv_q_2exp($0, source, UInt(count)) }
    }
  }

  /// The number of bits of the magnitude: ⌊log₂|self|⌋ + 1, and 0 for 0.
  package var bitWidth: Int {
    // The number is only read; `mpz_sizeinbase` is exact for powers of two but gives 1 for 0.
    unsafe read { unsafe plumb_mpz_sgn($0) == 0 ? 0 : mpz_sizeinbase($0, 2) }
  }

  /// The number of low bits that are 0: the exponent of 2 in this integer; 0 for 0.
  package var trailingZeroBitCount: Int {
    // The number is only read.
    unsafe read { unsafe plumb_mpz_sgn($0) == 0 ? 0 : Int(mpz_scan1($0, 0)) }
  }

  /// Bit `index` of the two's complement representation, which continues without end.
  ///
  /// - Precondition: `index` is not negative.
  package func testBit(_ index: Int) -> Bool {
    precondition(index >= 0, "Integer: a negative bit index")
    // The number is only read; any index is allowed.
    return unsafe read { unsafe mpz_tstbit($0, UInt(index)) != 0 }
  }
}
