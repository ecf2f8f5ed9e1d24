internal import CGMP

extension Integer: CustomStringConvertible, LosslessStringConvertible {
  /// The decimal digits, with `-` before those of a negative integer.
  package var description: String { description(radix: 10) }

  /// The digits in `radix`, lower case, with `-` before those of a negative integer.
  ///
  /// - Precondition: `radix` is 2 to 36.
  package func description(radix: Int) -> String {
    precondition((2...36).contains(radix), "Integer: radix \(radix) is not 2 to 36")
    return unsafe read { number in
      // The manual's bound: the digits, a sign and the terminating zero.
      let capacity = unsafe mpz_sizeinbase(number, Int32(radix)) + 2
      return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { digits in
        unsafe mpz_get_str(digits.baseAddress, Int32(radix), number).map { unsafe String(cString: $0) } ?? ""
      }
    }
  }

  /// The integer written in decimal.
  package init?(_ description: String) {
    self.init(description, radix: 10)
  }

  /// The integer that `text` writes in `radix`: an optional `+` or `-`, then digits and nothing else.
  ///
  /// *Edge cases*: nil for an empty text, a lone sign, spaces, separators or a digit outside the radix.
  /// - Precondition: `radix` is 2 to 36.
  package init?(_ text: String, radix: Int) {
    precondition((2...36).contains(radix), "Integer: radix \(radix) is not 2 to 36")
    let digits =
      text.utf8.first.map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") } == true
      ? text.dropFirst() : text[...]
    // GMP would skip white space wherever it stands.
    guard !digits.isEmpty, digits.utf8.allSatisfy({ Integer.digit($0, below: radix) }) else { return nil }
    var isRead = false
    // `mpz_set_str` reads up to the terminating zero that a C string has.
    let magnitude = unsafe Integer.make { number in
      isRead = unsafe String(digits).withCString { unsafe mpz_set_str(number, $0, Int32(radix)) == 0 }
    }
    guard isRead else { return nil }
    self = text.utf8.first == UInt8(ascii: "-") ? -magnitude : magnitude
  }

  private static func digit(_ byte: UInt8, below radix: Int) -> Bool {
    let value =
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(byte - UInt8(ascii: "a")) + 10
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A")) + 10
      default: radix
      }
    return value < radix
  }
}
