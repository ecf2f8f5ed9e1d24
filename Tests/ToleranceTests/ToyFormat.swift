import PlumbExact
import PlumbTolerance

/// A format so small that every rounding can be tried, with a rounding of its own that shares nothing with the
/// library's.
enum ToyFormat {
  /// Four significand bits; numbers from 2⁻⁶ to 240.
  static let format = FloatFormat(name: "toy", precision: 4, leastExponent: -6, greatest: 240)

  /// Every non-negative number of the format, ascending: the definition, by enumeration.
  static let numbers: [Rational] = {
    var all: Set<Rational> = [0]
    for exponent in -6...4 {
      for significand in 1...15 { all.insert(Rational(significand: Integer(significand), exponent: exponent)) }
    }
    return all.sorted()
  }()

  /// The nearest number, ties to the one with an even significand; overflow is not modelled.
  static func round(_ value: Rational) -> Rational {
    let magnitude = value.magnitude
    guard let above = numbers.firstIndex(where: { $0 >= magnitude }) else { return value }
    guard numbers[above] != magnitude, above > 0 else { return value }
    let (low, high) = (numbers[above - 1], numbers[above])
    let nearest: Rational
    if magnitude - low < high - magnitude {
      nearest = low
    } else if magnitude - low > high - magnitude {
      nearest = high
    } else {
      // Consecutive numbers alternate in parity, and 0 is even.
      nearest = (above - 1).isMultiple(of: 2) ? low : high
    }
    return value.signum() < 0 ? -nearest : nearest
  }
}
