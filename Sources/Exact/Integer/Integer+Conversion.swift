internal import CGMP

extension Integer: ExpressibleByIntegerLiteral {
  /// The integer 0.
  package static var zero: Integer { bareZero }
  /// The integer 1, sharing one storage.
  package static let one = Integer(1)

  /// The integer of a machine word.
  package init(_ value: Int) {
    // A new number is written; `long` and `Int` are the same type.
    self = value == 0 ? .bareZero : unsafe Integer.make { unsafe mpz_set_si($0, value) }
  }

  /// The integer of any fixed-width or big integer type.
  package init(_ value: some BinaryInteger) {
    if let word = Int(exactly: value) {
      self.init(word)
    } else {
      self.init(words: value.magnitude.words, isNegative: value.signum() < 0)
    }
  }

  /// The integer a literal of any length denotes.
  package init(integerLiteral value: StaticBigInt) {
    if value.bitWidth <= Int.bitWidth {
      self.init(Int(bitPattern: value[0]))
      return
    }
    // `StaticBigInt` offers two's complement words, least significant first: Σ wᵢ·2⁶⁴ⁱ − 2⁶⁴ⁿ for a negative one.
    let count = (value.bitWidth + UInt.bitWidth - 1) / UInt.bitWidth
    self.init(words: (0..<count).map { value[$0] }, isNegative: false)
    if value.signum() < 0 {
      self -= Integer.one << (count * UInt.bitWidth)
    }
  }

  /// ±Σ words[i]·2⁶⁴ⁱ.
  init(words: some Collection<UInt>, isNegative: Bool) {
    let words = Array(words)
    self = unsafe Integer.make { result in
      // `mpz_import` reads `count` words through the pointer, all of which the array holds.
      unsafe words.withUnsafeBufferPointer {
        unsafe mpz_import(result, $0.count, -1, MemoryLayout<UInt>.size, 0, 0, $0.baseAddress)
      }
      if isNegative {
        // Destination and source may coincide.
        unsafe plumb_mpz_neg(result, result)
      }
    }
  }

  /// The value as `Int`, or nil when it does not fit.
  package func asInt() -> Int? {
    // The number is only read.
    unsafe read { unsafe mpz_fits_slong_p($0) != 0 ? mpz_get_si($0) : nil }
  }

  /// The 64 lowest bits of the magnitude.
  var lowWord: UInt {
    // The number is only read.
    unsafe read { unsafe plumb_mpz_get_ui($0) }
  }
}
