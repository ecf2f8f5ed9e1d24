public import PlumbExact

/// A binary floating-point format as data: what its numbers are and how far apart they lie.
public struct FloatFormat: Sendable, Hashable {
  /// The name that people use.
  public let name: String
  /// The number of significand bits, the leading one included: 24 for binary32.
  public let precision: Int
  /// The exponent of the least positive number, a subnormal: −149 for binary32.
  public let leastExponent: Int
  /// The exponent of the greatest binade: 127 for binary32.
  public let greatestExponent: Int

  /// Makes a format.
  public init(name: String, precision: Int, leastExponent: Int, greatestExponent: Int) {
    self.name = name
    self.precision = precision
    self.leastExponent = leastExponent
    self.greatestExponent = greatestExponent
  }

  /// IEEE 754 binary32.
  public static let float32 = FloatFormat(name: "f32", precision: 24, leastExponent: -149, greatestExponent: 127)

  /// The unit roundoff u: half the distance from 1 to the next number; 2⁻²⁴ for binary32.
  public var unitRoundoff: Rational { Rational(significand: 1, exponent: -precision) }

  /// Half the least positive number: what underflow may add to a rounding's error.
  public var underflow: Rational { Rational(significand: 1, exponent: leastExponent - 1) }

  /// The greatest finite number.
  public var greatestFinite: Rational {
    Rational(significand: (Integer(1) << precision) - 1, exponent: greatestExponent - precision + 1)
  }

  /// The distance between neighbouring numbers in the binade of `magnitude`; at the bottom, the least positive number.
  public func spacing(at magnitude: Rational) -> Rational {
    Rational(significand: 1, exponent: spacingExponent(at: magnitude))
  }

  /// The base-two logarithm of `spacing(at:)`.
  public func spacingExponent(at magnitude: Rational) -> Int {
    magnitude.isZero ? leastExponent : max(magnitude.floorLog2 - precision + 1, leastExponent)
  }

  /// Whether `value` is a number of this format, overflow aside.
  public func represents(_ value: Rational) -> Bool {
    // A multiple of the spacing of its own binade is a number of the format, and every number is one.
    value.isZero || (value * Rational(significand: 1, exponent: -spacingExponent(at: value))).denominator == 1
  }
}
