import PlumbExact

/// A binary floating-point format as data: its numbers, how far apart they lie, and what there is beyond the greatest.
package struct FloatFormat: Sendable, Hashable {
  /// The name that people use.
  package let name: String
  /// The number of significand bits, the leading one included: 24 for binary32.
  package let precision: Int
  /// The exponent of the least positive number, a subnormal: −149 for binary32.
  package let leastExponent: Int
  /// The greatest finite number: 448 for E4M3, whose last significand is a NaN.
  package let greatest: Double
  /// Whether there are infinities.
  package let hasInfinities: Bool
  /// Whether a conversion gives the greatest finite number for what lies beyond it.
  package let saturates: Bool

  /// Makes a format, whose greatest number is `greatest`.
  package init(
    name: String, precision: Int, leastExponent: Int, greatest: Double, hasInfinities: Bool = true,
    saturates: Bool = false
  ) {
    self.name = name
    self.precision = precision
    self.leastExponent = leastExponent
    self.greatest = greatest
    self.hasInfinities = hasInfinities
    self.saturates = saturates
  }

  /// IEEE 754 binary32.
  package static let float32 = FloatFormat(name: "f32", precision: 24, leastExponent: -149, greatest: 0x1.FFFFFEp127)
  /// IEEE 754 binary64 between 2⁻⁹⁴⁸ and 2¹⁰⁰⁰: beyond them it is taken to be less accurate than it is, so that the bounds
  /// of its errors are Doubles.
  package static let float64 = FloatFormat(name: "f64", precision: 53, leastExponent: -1000, greatest: 0x1p1000)
  /// The upper half of a binary32.
  package static let bfloat16 = FloatFormat(name: "bf16", precision: 8, leastExponent: -133, greatest: 0x1.FEp127)
  /// IEEE 754 binary16.
  package static let float16 = FloatFormat(name: "f16", precision: 11, leastExponent: -24, greatest: 65504)
  /// The part of a binary32 that tensor cores keep: its exponents, and 11 bits of its significand.
  package static let tensorFloat32 = FloatFormat(
    name: "tf32", precision: 11, leastExponent: -136, greatest: 0x1.FFCp127)
  /// Four bits of exponent and three of significand, without infinities.
  ///
  /// Source: Open Compute Project, *8-bit Floating Point Specification (OFP8)*, revision 1.0, as is `e5m2`.
  package static let e4m3 = FloatFormat(
    name: "e4m3", precision: 4, leastExponent: -9, greatest: 448, hasInfinities: false)
  /// Five bits of exponent and two of significand, with infinities.
  package static let e5m2 = FloatFormat(name: "e5m2", precision: 3, leastExponent: -16, greatest: 57344)

  /// The same numbers, with conversions that saturate.
  package var saturating: FloatFormat {
    FloatFormat(
      name: name, precision: precision, leastExponent: leastExponent, greatest: greatest,
      hasInfinities: hasInfinities, saturates: true)
  }

  /// The exponent of the greatest binade: 127 for binary32.
  package var greatestExponent: Int { Int(greatest.exponent) }

  /// The greatest finite number.
  package var greatestFinite: Rational {
    guard let value = Rational(exactly: greatest) else { preconditionFailure("\(name) has no greatest number") }
    return value
  }

  /// The unit roundoff u: half the distance from 1 to the next number; 2⁻²⁴ for binary32.
  package var unitRoundoff: Rational { Rational(significand: 1, exponent: -precision) }

  /// Half the least positive number: what underflow may add to a rounding's error.
  package var underflow: Rational { Rational(significand: 1, exponent: leastExponent - 1) }

  /// The distance between neighbouring numbers in the binade of `magnitude`; at the bottom, the least positive number.
  package func spacing(at magnitude: Rational) -> Rational {
    Rational(significand: 1, exponent: spacingExponent(at: magnitude))
  }

  /// The base-two logarithm of `spacing(at:)`.
  package func spacingExponent(at magnitude: Rational) -> Int {
    magnitude.isZero ? leastExponent : max(magnitude.floorLog2 - precision + 1, leastExponent)
  }

  /// Half of `spacing(at:)`: the most that a rounding to nearest moves a number of this `magnitude` or less.
  package func halfSpacing(at magnitude: Rational) -> Rational {
    Rational(significand: 1, exponent: spacingExponent(at: magnitude) - 1)
  }

  /// Whether `value` is a number of this format, overflow aside.
  package func represents(_ value: Rational) -> Bool {
    // A multiple of the spacing of its own binade is a number of the format, and every number is one.
    value.isZero || (value * Rational(significand: 1, exponent: -spacingExponent(at: value))).denominator == 1
  }
}
