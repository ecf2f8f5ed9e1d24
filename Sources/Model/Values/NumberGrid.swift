/// The numbers that a result is rounded to, where they are those of no tensor's format: integers, or floating-point numbers of few bits.
package struct NumberGrid: Sendable, Hashable {
  /// The name, for people.
  package let name: String
  /// The number of significand bits, the leading one included.
  package let precision: Int
  /// The exponent of the least positive number.
  package let leastExponent: Int
  /// The greatest number.
  package let greatest: Double
  /// Whether what lies beyond the greatest number becomes that; otherwise it becomes an infinity.
  package let saturates: Bool

  /// Integers of 8 bits, of which −128 is not used.
  package static let int8 = NumberGrid(
    name: "whole number", precision: 8, leastExponent: 0, greatest: 127, saturates: true)
  /// Four bits of exponent and three of significand, without infinities.
  package static let e4m3 = NumberGrid(
    name: "number of E4M3", precision: 4, leastExponent: -9, greatest: 448, saturates: true)
  /// Five bits of exponent and two of significand, whose infinities no conversion gives that saturates.
  package static let e5m2 = NumberGrid(
    name: "number of E5M2", precision: 3, leastExponent: -16, greatest: 57344, saturates: true)
  /// Two bits of exponent and one of significand: 0, ½, 1, 1½, 2, 3, 4 and 6.
  package static let e2m1 = NumberGrid(
    name: "number of E2M1", precision: 2, leastExponent: -1, greatest: 6, saturates: true)
  /// Powers of two from 2⁻¹²⁷ to 2¹²⁷.
  package static let e8m0 = NumberGrid(
    name: "power of two of E8M0", precision: 1, leastExponent: -127, greatest: 0x1p127, saturates: true)
  /// IEEE 754 binary16.
  package static let float16 = NumberGrid(
    name: "number of binary16", precision: 11, leastExponent: -24, greatest: 65504, saturates: false)

  /// The distance between neighbouring numbers at a finite `magnitude`.
  package func spacing(at magnitude: Double) -> Double {
    let exponent = magnitude == 0 ? leastExponent : max(Int(magnitude.exponent) - precision + 1, leastExponent)
    return Double(sign: .plus, exponent: exponent, significand: 1)
  }

  /// Whether `value`, which is finite, is one of the numbers; the sign and 0 aside, where scales have neither.
  package func holds(_ value: Double) -> Bool {
    let quotient = value / spacing(at: value.magnitude)
    return quotient == quotient.rounded() && value.magnitude <= greatest
  }
}
