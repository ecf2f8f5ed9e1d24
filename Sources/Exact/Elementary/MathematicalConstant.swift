import Synchronization

/// A constant of mathematics in fixed point, remembered at the scales that were asked for.
///
/// The number kept is exactly ⌊c·2ˢ⌋, so that ⌊c·2ᵗ⌋ for a smaller t is a shift, and every answer is the same whatever was
/// asked before and by whichever thread.
final class MathematicalConstant: Sendable {
  /// π.
  ///
  /// Machin's formula π = 16·arctan(1/5) − 4·arctan(1/239) (Jones 1706).
  static let pi = MathematicalConstant { scale in
    let fifth = inverseTangent(ofReciprocal: 5, scale: scale, isHyperbolic: false)
    let other = inverseTangent(ofReciprocal: 239, scale: scale, isHyperbolic: false)
    return FixedPoint(
      value: fifth.value * 16 - other.value * 4, error: fifth.error * 16 + other.error * 4, scale: scale)
  }

  /// The natural logarithm of 2.
  ///
  /// log 2 = 18·artanh(1/26) − 2·artanh(1/4801) + 8·artanh(1/8749), for 2·artanh(1/n) = log((n+1) ÷ (n−1)) and
  /// (27/25)⁹ ÷ (4802/4800)·(8750/8748)⁴ = 2, as the tests verify.
  static let logarithmOfTwo = MathematicalConstant { scale in
    let first = inverseTangent(ofReciprocal: 26, scale: scale, isHyperbolic: true)
    let second = inverseTangent(ofReciprocal: 4801, scale: scale, isHyperbolic: true)
    let third = inverseTangent(ofReciprocal: 8749, scale: scale, isHyperbolic: true)
    return FixedPoint(
      value: first.value * 18 - second.value * 2 + third.value * 8,
      error: first.error * 18 + second.error * 2 + third.error * 8, scale: scale)
  }

  private let enclosure: @Sendable (Int) -> FixedPoint
  private let known: [Floor]

  /// A floor at one scale: published once, atomically and without a lock, because many threads read it and because the
  /// thread sanitizer does not see into `Synchronization.Mutex` on Linux.
  private final class Floor: Sendable {
    let value = AtomicLazyReference<Value>()

    final class Value: Sendable {
      let floor: Integer

      init(_ floor: Integer) { self.floor = floor }
    }
  }

  /// A constant that `enclosure` encloses at any scale.
  private init(enclosure: @escaping @Sendable (Int) -> FixedPoint) {
    self.enclosure = enclosure
    // The scales 0, 1024, … 16384 are remembered: beyond every precision that is asked for more than once.
    known = (0...16).map { _ in Floor() }
  }

  /// ⌊c·2ˢ⌋: below c by less than one unit.
  func floor(scale: Int) -> Integer {
    // Whole kilobits, so that a slowly rising precision does not begin anew each time.
    let kilobits = (Swift.max(scale, 0) + 1023) / 1024
    return floor(kilobits: kilobits) >> (kilobits * 1024 - scale)
  }

  private func floor(kilobits: Int) -> Integer {
    guard kilobits < known.count else { return exactFloor(scale: kilobits * 1024) }
    let slot = known[kilobits]
    if let value = slot.value.load() { return value.floor }
    // Threads that come here together compute the same number; the first to store it wins.
    return slot.value.storeIfNil(Floor.Value(exactFloor(scale: kilobits * 1024))).floor
  }

  /// The floor, computed with ever more guard bits until both ends of the enclosure have the same one, which must
  /// happen because c is irrational.
  private func exactFloor(scale: Int) -> Integer {
    var guardBits = 64
    while true {
      let constant = enclosure(scale + guardBits)
      let lower = (constant.value - Integer(constant.error)) >> guardBits
      let upper = (constant.value + Integer(constant.error)) >> guardBits
      if lower == upper { return lower }
      guardBits += 64
    }
  }

  /// arctan(1/n) = Σ (−1)ᵏ ÷ ((2k+1)·n²ᵏ⁺¹), or artanh(1/n), the same sum without the signs.
  ///
  /// *Error bound*: a power is off by eₖ ≤ eₖ₋₁ ÷ n² + 1 < 2 units, its term by less than 3; the sum stops at the first
  /// power that rounds to 0, which is below 3 units, and all that follow are together below another 3.
  private static func inverseTangent(ofReciprocal n: Int, scale: Int, isHyperbolic: Bool) -> FixedPoint {
    var power = Integer.powerOfTwo(scale)
    power.divideFloor(by: n)
    var sum = Integer.zero
    var index = 0
    while !power.isZero {
      var term = power
      term.divideFloor(by: 2 * index + 1)
      if isHyperbolic || index.isMultiple(of: 2) { sum += term } else { sum -= term }
      power.divideFloor(by: n * n)
      index += 1
    }
    return FixedPoint(value: sum, error: 3 * (index + 2), scale: scale)
  }
}
