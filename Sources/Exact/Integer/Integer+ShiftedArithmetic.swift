internal import CGMP

// What sums over a common power of two are made of: one new number, or none, in place of two.
extension Integer {
  /// self + other·2ᶜᵒᵘⁿᵗ with one new number.
  ///
  /// - Precondition: `count` is not negative.
  func adding(_ other: Integer, shiftedLeft count: Int) -> Integer {
    precondition(count >= 0, "Integer: a negative number of bits")
    // Both sources stay alive through `read`; destination and first source of the addition may coincide.
    return unsafe Integer.combine(self, other) { result, first, second in
      unsafe mpz_mul_2exp(result, second, UInt(count))
      unsafe mpz_add(result, result, first)
    }
  }

  /// Makes this integer a·b·2ᶜᵒᵘⁿᵗ, in place.
  ///
  /// - Precondition: `count` is not negative.
  mutating func setToProduct(_ a: Integer, _ b: Integer, shiftedLeft count: Int) {
    precondition(count >= 0, "Integer: a negative number of bits")
    // `a` and `b` stay alive through `read`; destination and source of the shift may coincide.
    unsafe a.read { first in
      unsafe b.read { second in
        unsafe mutate {
          unsafe mpz_mul($0, first, second)
          unsafe mpz_mul_2exp($0, $0, UInt(count))
        }
      }
    }
  }
}
