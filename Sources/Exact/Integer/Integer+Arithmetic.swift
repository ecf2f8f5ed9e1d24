internal import CGMP

extension Integer {
  /// The sum.
  package static func + (left: Integer, right: Integer) -> Integer {
    unsafe combine(left, right, unsafe mpz_add)  // GMP's own operation on two live numbers.
  }

  /// The difference.
  package static func - (left: Integer, right: Integer) -> Integer {
    unsafe combine(left, right, unsafe mpz_sub)  // GMP's own operation on two live numbers.
  }

  /// The product.
  package static func * (left: Integer, right: Integer) -> Integer {
    unsafe combine(left, right, unsafe mpz_mul)  // GMP's own operation on two live numbers.
  }

  /// The product with a machine integer.
  package static func * (left: Integer, right: Int) -> Integer {
    // The source stays alive through `read`, and the destination is new.
    unsafe left.read { source in unsafe make { unsafe mpz_mul_si($0, source, right) } }
  }

  /// Adds `right` in place.
  package static func += (left: inout Integer, right: Integer) {
    // `right` stays alive through `read`.
    unsafe right.read { other in unsafe left.update { unsafe mpz_add($0, $1, other) } }
  }

  /// Subtracts `right` in place.
  package static func -= (left: inout Integer, right: Integer) {
    // `right` stays alive through `read`.
    unsafe right.read { other in unsafe left.update { unsafe mpz_sub($0, $1, other) } }
  }

  /// Multiplies by `right` in place.
  package static func *= (left: inout Integer, right: Integer) {
    // `right` stays alive through `read`.
    unsafe right.read { other in unsafe left.update { unsafe mpz_mul($0, $1, other) } }
  }

  /// The integer of opposite sign.
  package static prefix func - (value: Integer) -> Integer {
    // The source stays alive through `read`, and the destination is new.
    unsafe value.read { source in unsafe make { unsafe plumb_mpz_neg($0, source) } }
  }

  /// The absolute value.
  package var magnitude: Integer {
    signum() < 0 ? -self : self
  }

  /// Adds `a`·`b` in place.
  package mutating func addProduct(_ a: Integer, _ b: Integer) {
    // `a` and `b` stay alive through `read`; if one shares this storage, `mutate` moves this value to its own first.
    unsafe a.read { first in
      unsafe b.read { second in unsafe mutate { unsafe mpz_addmul($0, first, second) } }
    }
  }

  /// Subtracts `a`·`b` in place.
  package mutating func subtractProduct(_ a: Integer, _ b: Integer) {
    // As in `addProduct`.
    unsafe a.read { first in
      unsafe b.read { second in unsafe mutate { unsafe mpz_submul($0, first, second) } }
    }
  }

  /// Adds `a`·`b` in place.
  package mutating func addProduct(_ a: Integer, _ b: Int) {
    // As in `addProduct`; `magnitude` is exact even for the least `Int`.
    unsafe a.read { first in
      unsafe mutate { unsafe b < 0 ? mpz_submul_ui($0, first, b.magnitude) : mpz_addmul_ui($0, first, b.magnitude) }
    }
  }

  /// Subtracts `a`·`b` in place.
  package mutating func subtractProduct(_ a: Integer, _ b: Int) {
    // As in `addProduct`.
    unsafe a.read { first in
      unsafe mutate { unsafe b < 0 ? mpz_addmul_ui($0, first, b.magnitude) : mpz_submul_ui($0, first, b.magnitude) }
    }
  }

  /// This integer to a power.
  ///
  /// *Edge cases*: `power(0)` is 1, also of 0.
  /// - Precondition: `exponent` is not negative.
  package func power(_ exponent: Int) -> Integer {
    precondition(exponent >= 0, "Integer.power: a negative exponent gives no integer")
    // The source stays alive through `read`, and the destination is new.
    return unsafe read { source in unsafe Integer.make { unsafe mpz_pow_ui($0, source, UInt(exponent)) } }
  }
}

extension Integer: Comparable, Hashable {
  /// Whether both are the same integer.
  package static func == (left: Integer, right: Integer) -> Bool {
    // Both numbers are only read.
    unsafe left.read { first in unsafe right.read { unsafe mpz_cmp(first, $0) == 0 } }
  }

  /// Whether `left` is the smaller.
  package static func < (left: Integer, right: Integer) -> Bool {
    // Both numbers are only read.
    unsafe left.read { first in unsafe right.read { unsafe mpz_cmp(first, $0) < 0 } }
  }

  /// Feeds sign and limbs to `hasher`.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(signum())
    // GMP normalises: equal numbers have equal limbs, and all `mpz_size` of them are initialised.
    unsafe read { number in
      let limbs = unsafe UnsafeRawBufferPointer(
        start: mpz_limbs_read(number), count: plumb_mpz_size(number) * MemoryLayout<mp_limb_t>.stride)
      unsafe hasher.combine(bytes: limbs)
    }
  }

  /// −1, 0 or 1.
  package func signum() -> Int {
    // The number is only read.
    isBare ? 0 : unsafe read { unsafe Int(plumb_mpz_sgn($0)) }
  }

  /// Whether this is 0.
  package var isZero: Bool { signum() == 0 }

  /// Whether this is odd.
  package var isOdd: Bool { lowWord & 1 == 1 }
}
