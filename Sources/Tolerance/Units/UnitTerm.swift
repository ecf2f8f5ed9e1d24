/// A product, or another number, as a matrix unit takes it.
struct UnitTerm {
  /// Bounds of the exact number.
  let lower: Double
  let upper: Double
  /// A bound of the distance that the computed factors' product has from it.
  let error: Double
  /// At least the computed magnitude.
  let reach: Double
  /// At least the sum of the factors' exponents.
  let exponent: Int
  /// The computed number is a multiple of 2 to this power.
  let bit: Int

  /// The product of two factors, which are numbers of `format`; `nil` where it is certainly 0.
  ///
  /// A subnormal factor keeps the exponent of the least normal number, so that a product's may be greater than its logarithm.
  init?(_ a: Tracked, _ b: Tracked, of format: FloatFormat) {
    guard a.reach > 0, b.reach > 0 else { return nil }
    let product = ArithmeticModel.f32.unrounded(a, b)
    (lower, upper, error) = (product.lower, product.upper, product.error)
    reach = Outward.productUp(a.reach, b.reach)
    exponent = Self.exponent(of: a.reach, in: format) + Self.exponent(of: b.reach, in: format)
    bit = Self.bit(of: a, in: format) + Self.bit(of: b, in: format)
  }

  /// A number of `format` that a sum begins with; `nil` where it is certainly 0.
  init?(_ start: Tracked, of format: FloatFormat) {
    guard start.reach > 0 else { return nil }
    (lower, upper, error, reach) = (start.lower, start.upper, start.error, start.reach)
    exponent = Self.exponent(of: reach, in: format)
    bit = Self.bit(of: start, in: format)
  }

  /// ⌊log₂ magnitude⌋, or the least normal number's exponent where that is greater.
  static func exponent(of magnitude: Double, in format: FloatFormat) -> Int {
    max(Int(magnitude.exponent), format.leastExponent + format.precision - 1)
  }

  /// The exponent of a power of two that every number of `format` that `value` may be is a multiple of.
  private static func bit(of value: Tracked, in format: FloatFormat) -> Int {
    if value.isExact { return FloatFormat.leastBit(of: value.upper) }
    let least = value.leastReach
    return max(least > 0 ? Int(least.exponent) - format.precision + 1 : .min, format.leastExponent)
  }

  /// Whether the computed number may be positive.
  var mayBePositive: Bool { upper > -error }

  /// Whether the computed number may be negative.
  var mayBeNegative: Bool { lower < error }
}
