internal import CGMP

extension Integer {
  /// ⌊self ÷ divisor⌋.
  ///
  /// - Precondition: `divisor` is not 0.
  package func dividedFloor(by divisor: Integer) -> Integer {
    precondition(!divisor.isZero, "Integer: division by zero")
    return unsafe Integer.combine(self, divisor, unsafe mpz_fdiv_q)  // The divisor is not 0.
  }

  /// ⌈self ÷ divisor⌉.
  ///
  /// - Precondition: `divisor` is not 0.
  package func dividedCeiling(by divisor: Integer) -> Integer {
    precondition(!divisor.isZero, "Integer: division by zero")
    return unsafe Integer.combine(self, divisor, unsafe mpz_cdiv_q)  // The divisor is not 0.
  }

  /// self ÷ divisor, which the caller knows to leave no remainder.
  ///
  /// - Precondition: `divisor` is not 0 and divides this integer; if it does not, the result is meaningless.
  package func dividedExactly(by divisor: Integer) -> Integer {
    precondition(!divisor.isZero, "Integer: division by zero")
    return unsafe Integer.combine(self, divisor, unsafe mpz_divexact)  // The divisor is not 0.
  }

  /// The quotient rounded toward zero, and the remainder, which has the sign of this integer or is 0.
  ///
  /// - Precondition: `divisor` is not 0.
  package func quotientAndRemainder(dividingBy divisor: Integer) -> (quotient: Integer, remainder: Integer) {
    precondition(!divisor.isZero, "Integer: division by zero")
    var remainder = Integer.zero
    // The divisor is not 0; `remainder` is made unique by `mutate`, hence distinct from both sources and the quotient.
    let quotient = unsafe Integer.combine(self, divisor) { quotient, dividend, divisor in
      unsafe remainder.mutate { unsafe mpz_tdiv_qr(quotient, $0, dividend, divisor) }
    }
    return (quotient, remainder)
  }

  /// ⌊√self⌋.
  ///
  /// - Precondition: this integer is not negative.
  package func squareRoot() -> Integer {
    precondition(signum() >= 0, "Integer: square root of a negative integer")
    // The source stays alive through `read`, is not negative, and the destination is new.
    return unsafe read { source in unsafe Integer.make { unsafe mpz_sqrt($0, source) } }
  }

  /// The greatest common divisor, never negative; of 0 and 0 it is 0.
  package static func gcd(_ a: Integer, _ b: Integer) -> Integer {
    unsafe combine(a, b, unsafe mpz_gcd)  // GMP's own operation on two live numbers.
  }
}
