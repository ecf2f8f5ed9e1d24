internal import CGMP

// In fixed point at scale s the integer v stands for the number v·2⁻ˢ, and one unit is 2⁻ˢ. Shifts and divisions here
// round toward −∞, so each is off by less than one unit, whatever the sign.
extension Integer {
  /// Replaces v by ⌊v·w ÷ 2ˢ⌋: the product of two fixed-point numbers at scale s.
  ///
  /// `scratch` is overwritten; a loop that passes the same one allocates nothing.
  mutating func multiply(by factor: Integer, scale: Int, scratch: inout Integer) {
    // `factor` stays alive through `read`; `scratch` is distinct from both, because `mutate` makes it unique.
    unsafe factor.read { other in
      unsafe scratch.mutate { product in
        unsafe update { result, source in
          unsafe mpz_mul(product, source, other)
          unsafe mpz_fdiv_q_2exp(result, product, UInt(scale))
        }
      }
    }
  }

  /// Replaces v by ⌊v² ÷ 2ˢ⌋.
  mutating func square(scale: Int, scratch: inout Integer) {
    // `scratch` is distinct from this number, because `mutate` makes it unique.
    unsafe scratch.mutate { product in
      unsafe update { result, source in
        unsafe mpz_mul(product, source, source)
        unsafe mpz_fdiv_q_2exp(result, product, UInt(scale))
      }
    }
  }

  /// Replaces v by ⌊v ÷ divisor⌋.
  ///
  /// - Precondition: `divisor` is positive.
  mutating func divideFloor(by divisor: Int) {
    precondition(divisor > 0, "Integer: division by zero or by a negative number")
    // Destination and source may coincide, and the divisor is not 0.
    unsafe update { result, source in _ = unsafe mpz_fdiv_q_ui(result, source, UInt(divisor)) }
  }

  /// ⌊v·2ˢ ÷ w⌋: the quotient of two fixed-point numbers at scale s.
  func divided(by divisor: Integer, scale: Int) -> Integer {
    (self << scale).dividedFloor(by: divisor)
  }

  /// 2ⁿ.
  static func powerOfTwo(_ exponent: Int) -> Integer {
    Integer.one << exponent
  }
}
