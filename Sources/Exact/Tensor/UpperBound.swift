/// A number that is not negative and not below what it bounds: `mantissa` · 2^`exponent`, every operation rounding up.
///
/// The mantissa is below 2^32, so that a sum or product is at most one part in 2^31 above the true one.
struct UpperBound: Sendable, Hashable {
  let mantissa: UInt64
  let exponent: Int

  static let zero = UpperBound(0, exponent: 0)

  /// At least `value` · 2^`exponent`.
  @inline(__always)
  init(_ value: UInt64, exponent: Int) {
    if value >> 32 == 0 {
      self.mantissa = value
      self.exponent = exponent
      return
    }
    let drop = 32 - value.leadingZeroBitCount
    let cut = value >> UInt64(drop)
    let isCut = cut << UInt64(drop) != value
    // The greatest mantissa, rounded up, is 2^32, which has one bit too many.
    if isCut, cut == 0xFFFF_FFFF {
      self.mantissa = 1 << 31
      self.exponent = exponent + drop + 1
    } else {
      self.mantissa = isCut ? cut + 1 : cut
      self.exponent = exponent + drop
    }
  }

  /// At least `value`.
  ///
  /// - Precondition: `value` is not negative.
  init(_ value: Rational) {
    guard !value.isZero else {
      self = .zero
      return
    }
    let unit = value.floorLog2 - 31
    // Below 2^32, so that the ceiling is at most 2^32.
    self.init(UInt64(value.units(ofPowerOfTwo: unit, .up).magnitudeWords.first ?? 0), exponent: unit)
  }

  var isZero: Bool { mantissa == 0 }

  /// The number is below 2^`top`.
  ///
  /// - Precondition: it is not 0.
  var top: Int { exponent + UInt64.bitWidth - mantissa.leadingZeroBitCount }

  /// The number itself.
  var value: Rational { Rational(significand: Integer(mantissa), exponent: exponent) }

  @inline(__always)
  static func * (left: UpperBound, right: UpperBound) -> UpperBound {
    // Below 2^64.
    UpperBound(left.mantissa &* right.mantissa, exponent: left.exponent &+ right.exponent)
  }

  @inline(__always)
  static func + (left: UpperBound, right: UpperBound) -> UpperBound {
    if left.mantissa == 0 { return right }
    if right.mantissa == 0 { return left }
    let (high, low) = left.exponent >= right.exponent ? (left, right) : (right, left)
    let distance = high.exponent - low.exponent
    // The higher one takes the lower one's unit, or the finest in which it is below 2^63; the lower one is then rounded up.
    let lift = min(distance, high.mantissa.leadingZeroBitCount - 1)
    let rest = distance - lift
    let floor = rest < 64 ? low.mantissa >> UInt64(rest) : 0
    let isCut = rest >= 64 || floor << UInt64(rest) != low.mantissa
    return UpperBound(high.mantissa << UInt64(lift) + floor + (isCut ? 1 : 0), exponent: high.exponent - lift)
  }

  /// This number times 2^`power`.
  @inline(__always)
  func scaled(byPowerOfTwo power: Int) -> UpperBound { UpperBound(mantissa, exponent: exponent + power) }

  /// ⌈number ÷ 2^`unit`⌉.
  ///
  /// - Precondition: it is below 2^63.
  @inline(__always)
  func units(of unit: Int) -> UInt64 {
    let shift = exponent - unit
    if mantissa == 0 { return 0 }
    if shift >= 0 {
      precondition(shift < 31, "a bound of 2^63 units or more")
      return mantissa << UInt64(shift)
    }
    if shift <= -32 { return 1 }
    let floor = mantissa >> UInt64(-shift)
    return floor << UInt64(-shift) == mantissa ? floor : floor + 1
  }
}
