extension MutableLimbs {
  /// Makes it |source|, for a source of as many limbs in two's complement; whether that is negative.
  @discardableResult
  func setMagnitude(of source: Limbs) -> Bool {
    set(source)
    guard source.isNegative else { return false }
    negate()
    return true
  }

  /// Makes it −itself modulo 2^(64·count).
  func negate() {
    var carry = true
    for index in 0..<count {
      let (value, overflow) = (~self[index]).addingReportingOverflow(carry ? 1 : 0)
      self[index] = value
      carry = overflow
    }
  }

  /// Makes it ⌊source · 2^`left`⌋ modulo 2^(64·count), for a source in two's complement of any length.
  func set(_ source: Limbs, shiftedLeft left: Int) {
    let (skipped, bits) = (-left >> 6, UInt(bitPattern: -left & 63))
    let sign: UInt = source.isNegative ? .max : 0
    func word(_ index: Int) -> UInt { index < 0 ? 0 : index < source.count ? source[index] : sign }
    if bits == 0 {
      for index in 0..<count { self[index] = word(index + skipped) }
      return
    }
    var low = word(skipped)
    for index in 0..<count {
      let high = word(index + skipped + 1)
      self[index] = low >> bits | high << (64 - bits)
      low = high
    }
  }

  /// Makes it −⌊−itself ÷ `divisor`⌋ where two's complement takes it for negative, ⌊itself ÷ `divisor`⌋ elsewhere.
  @inline(__always)
  func divideMagnitude(by divisor: UInt) {
    let isNegative = limbs.isNegative
    if isNegative { negate() }
    divide(by: divisor)
    if isNegative { negate() }
  }

  /// Adds `word` at limb `place`; whether there is a carry out.
  @inline(__always) @discardableResult
  func add(_ word: UInt, at place: Int) -> Bool {
    var (index, carry) = (place + 1, false)
    (self[place], carry) = self[place].addingReportingOverflow(word)
    while carry, index < count {
      (self[index], carry) = self[index].addingReportingOverflow(1)
      index += 1
    }
    return carry
  }

  /// Parts of these sizes, one after another.
  func parts(_ sizes: [Int]) -> [MutableLimbs] {
    var place = 0
    return sizes.map { size in
      defer { place += size }
      return part(place, size)
    }
  }
}
