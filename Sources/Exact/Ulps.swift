/// Distances in units in the last place.
package enum Ulps {
  /// An enclosure of |engine − x| ÷ ulp(x) for every x in `exact`, or nil where `engine` is NaN or infinite.
  ///
  /// ulp(x) is the spacing of the float format in the binade of the *exact* value: the unit then does not depend on how
  /// wrong the engine is.
  /// *Edge cases*: below the normal numbers, at 0 too, the unit is the least subnormal (2⁻¹⁴⁹ for Float32); beyond the
  /// greatest finite number it stays that of the top binade. If `exact` reaches across binades, all their units count.
  /// Source: the definition of Muller, "On the definition of ulp(x)" (2005), section 2, of Goldberg's kind.
  package static func distance<Format: BinaryFloatingPoint>(from engine: Format, to exact: Ball) -> Ball? {
    guard let value = Rational(finite: engine) else { return nil }
    let difference = (Ball(value) - exact).magnitude
    let size = exact.magnitude
    let least = unitExponent(of: size.lower, Format.self)
    let greatest = unitExponent(of: size.upper, Format.self)
    if least == greatest { return difference.scaled(byPowerOfTwo: -least) }
    return Ball(
      lower: difference.lower.scaled(byPowerOfTwo: -greatest), upper: difference.upper.scaled(byPowerOfTwo: -least))
  }

  /// The spacing of the float format in the binade of `value`; see `distance(from:to:)`.
  package static func unit<Format: BinaryFloatingPoint>(of value: Rational, in format: Format.Type) -> Rational {
    .powerOfTwo(unitExponent(of: value, format))
  }

  /// log₂ of the unit.
  private static func unitExponent<Format: BinaryFloatingPoint>(of value: Rational, _ format: Format.Type) -> Int {
    let least = Int(Format.leastNormalMagnitude.exponent)
    let greatest = Int(Format.greatestFiniteMagnitude.exponent)
    let binade = value.isZero ? least : min(max(value.floorLog2, least), greatest)
    return binade - Format.significandBitCount
  }
}
