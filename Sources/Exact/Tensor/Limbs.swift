internal import CGMP

/// Limbs of an integer in memory that somebody else owns, to be read: least significant first.
///
/// It is valid only while that memory is; every access is checked against its count.
@safe struct Limbs {
  fileprivate let base: UnsafePointer<UInt>
  let count: Int

  fileprivate init(base: UnsafePointer<UInt>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// The result of `body` for the limbs of `array`, which are valid only within it.
  ///
  /// - Precondition: there are some.
  @inline(__always)
  static func reading<Result>(
    _ array: [UInt], _ body: (Limbs) -> Result
  ) -> Result {
    // The array outlives the call.
    unsafe array.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("there are no limbs") }
      return unsafe body(Limbs(base: base, count: buffer.count))
    }
  }

  @inline(__always)
  subscript(index: Int) -> UInt {
    precondition(index >= 0 && index < count)
    return unsafe base[index]
  }

  /// The limbs from `start` on, `count` of them.
  @inline(__always)
  func part(_ start: Int, _ count: Int) -> Limbs {
    precondition(start >= 0 && count >= 0 && start + count <= self.count)
    return unsafe Limbs(base: base + start, count: count)
  }

  /// Whether two's complement takes the number for a negative one.
  var isNegative: Bool { self[count - 1] >> 63 == 1 }

  /// The bits of the number without a sign.
  var bitWidth: Int {
    var top = count
    while top > 0, self[top - 1] == 0 { top -= 1 }
    return top == 0 ? 0 : 64 * top - self[top - 1].leadingZeroBitCount
  }

  /// The number without a sign over 2^`drop`, rounded up to a whole one; at most 64 bits of it may remain.
  func ceiling(dropping drop: Int) -> UInt {
    var (word, rest) = (drop / 64, false)
    for index in 0..<min(word, count) where self[index] != 0 { rest = true }
    guard word < count else { return rest ? 1 : 0 }
    let bits = UInt(drop % 64)
    var result = self[word] >> bits
    if bits > 0, self[word] << (64 - bits) != 0 { rest = true }
    word += 1
    if bits > 0, word < count { result |= self[word] << (64 - bits) }
    return result + (rest ? 1 : 0)
  }
}

/// Limbs of an integer in memory that somebody else owns, to be written: least significant first.
///
/// It is valid only while that memory is; every access is checked against its count.
@safe struct MutableLimbs {
  private let base: UnsafeMutablePointer<UInt>
  let count: Int

  private init(base: UnsafeMutablePointer<UInt>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  /// The result of `body` for the limbs of `array`, which are valid only within it.
  ///
  /// - Precondition: there are some.
  @inline(__always)
  static func writing<Result>(
    _ array: inout [UInt], _ body: (MutableLimbs) -> Result
  ) -> Result {
    // The array outlives the call.
    unsafe array.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { preconditionFailure("there are no limbs") }
      return unsafe body(MutableLimbs(base: base, count: buffer.count))
    }
  }

  /// These limbs, to be read.
  @inline(__always)
  var limbs: Limbs { unsafe Limbs(base: UnsafePointer(base), count: count) }

  @inline(__always)
  subscript(index: Int) -> UInt {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  /// The limbs from `start` on, `count` of them.
  @inline(__always)
  func part(_ start: Int, _ count: Int) -> MutableLimbs {
    precondition(start >= 0 && count >= 0 && start + count <= self.count)
    return unsafe MutableLimbs(base: base + start, count: count)
  }

  /// Makes it 0.
  func clear() {
    unsafe base.update(repeating: 0, count: count)
  }

  /// Makes it `source`, whose limbs are as many.
  func set(_ source: Limbs) {
    precondition(source.count == count)
    unsafe base.update(from: source.base, count: count)
  }

  // GMP needs operands that do not overlap, as the types' users see to, and of the lengths that are checked here.

  /// Makes it a · b, which has as many limbs as both together.
  @inline(__always)
  func setProduct(_ a: Limbs, _ b: Limbs) {
    precondition(count == a.count + b.count && a.count > 0 && b.count > 0)
    if a.count >= b.count {
      _ = unsafe mpn_mul(base, a.base, a.count, b.base, b.count)
    } else {
      _ = unsafe mpn_mul(base, b.base, b.count, a.base, a.count)
    }
  }

  /// Makes it a², which has twice as many limbs.
  @inline(__always)
  func setSquare(_ a: Limbs) {
    precondition(count == 2 * a.count && a.count > 0)
    unsafe mpn_sqr(base, a.base, a.count)
  }

  /// Makes it the lower limbs of a · `digit`, for an a of as many; the upper one.
  @inline(__always)
  func setProduct(_ a: Limbs, _ digit: UInt) -> UInt {
    precondition(count == a.count && count > 0)
    return unsafe mpn_mul_1(base, a.base, count, digit)
  }

  /// Adds a · `digit`, for an a of as many limbs; what is carried out.
  @inline(__always)
  func addProduct(_ a: Limbs, _ digit: UInt) -> UInt {
    precondition(count == a.count && count > 0)
    return unsafe mpn_addmul_1(base, a.base, count, digit)
  }

  /// Subtracts a · `digit`, for an a of as many limbs; what is borrowed.
  @inline(__always)
  func subtractProduct(_ a: Limbs, _ digit: UInt) -> UInt {
    precondition(count == a.count && count > 0)
    return unsafe mpn_submul_1(base, a.base, count, digit)
  }

  /// Adds `other`, of at most as many limbs and no sign; whether there is a carry out.
  @inline(__always) @discardableResult
  func add(_ other: Limbs) -> Bool {
    precondition(other.count <= count && other.count > 0)
    var carry = unsafe mpn_add_n(base, base, other.base, other.count) != 0
    var index = other.count
    while carry, index < count {
      (self[index], carry) = self[index].addingReportingOverflow(1)
      index += 1
    }
    return carry
  }

  /// Subtracts `other`, of at most as many limbs and no sign; whether there is a borrow out.
  @inline(__always) @discardableResult
  func subtract(_ other: Limbs) -> Bool {
    precondition(other.count <= count && other.count > 0)
    var borrow = unsafe mpn_sub_n(base, base, other.base, other.count) != 0
    var index = other.count
    while borrow, index < count {
      (self[index], borrow) = self[index].subtractingReportingOverflow(1)
      index += 1
    }
    return borrow
  }

  /// Makes it ⌊itself ÷ `divisor`⌋.
  @inline(__always)
  func divide(by divisor: UInt) {
    precondition(count > 0 && divisor > 0)
    _ = unsafe mpn_divrem_1(base, 0, base, count, divisor)
  }

  /// Makes it ⌊numerator ÷ denominator⌋; `remainder` has as many limbs as the denominator, whose highest is not 0.
  func setQuotient(_ numerator: Limbs, _ denominator: Limbs, remainder: MutableLimbs) {
    precondition(
      denominator.count > 0 && denominator[denominator.count - 1] != 0 && numerator.count >= denominator.count
        && count == numerator.count - denominator.count + 1 && remainder.count == denominator.count)
    unsafe mpn_tdiv_qr(base, remainder.base, 0, numerator.base, numerator.count, denominator.base, denominator.count)
  }

  /// Makes it ⌊√value⌋, which has half as many limbs, rounded up, as `value`, whose highest is not 0.
  func setSquareRoot(_ value: Limbs) {
    precondition(value.count > 0 && value[value.count - 1] != 0 && count == (value.count + 1) / 2)
    // GMP takes no pointer for a remainder that nobody wants.
    _ = unsafe mpn_sqrtrem(base, nil, value.base, value.count)
  }

  /// Memory for `count` limbs, with anything in it, for as long as `body` runs.
  @inline(__always)
  static func scratch<Result>(_ count: Int, _ body: (MutableLimbs) -> Result) -> Result {
    unsafe withUnsafeTemporaryAllocation(of: UInt.self, capacity: Swift.max(count, 1)) { buffer in
      // An allocation of a positive capacity has an address.
      guard let base = buffer.baseAddress else { preconditionFailure("there are no limbs") }
      return unsafe body(MutableLimbs(base: base, count: count))
    }
  }
}
