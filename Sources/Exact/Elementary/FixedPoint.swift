/// A real number known to lie within `error` units of `value`, a unit being 2^−scale.
struct FixedPoint {
  /// The midpoint, in units.
  var value: Integer
  /// A bound on the distance from the midpoint, in units.
  var error: Int
  /// The number of fractional bits; negative where a unit is greater than 1.
  var scale: Int

  /// The enclosure as a ball whose midpoint has at most `precision` bits.
  ///
  /// `spread` is what else the radius must cover: how far the function may move over a ball of arguments.
  func ball(precision: Int, spread: Rational = .zero) -> Ball {
    let radius = Rational(significand: Integer(error), exponent: -scale)
    return Ball(midpoint: Rational(significand: value, exponent: -scale), radius: radius + spread)
      .rounded(to: precision)
  }

  /// This number times 2ⁿ.
  func scaled(byPowerOfTwo power: Int) -> FixedPoint {
    FixedPoint(value: value, error: error, scale: scale - power)
  }

  /// A bound on the magnitude, of 32 bits.
  var magnitudeBound: Rational {
    Rational(significand: value.magnitude + Integer(error), exponent: -scale).rounded(toBits: 32, .up)
  }
}

extension Rational {
  /// ⌊self·2ˢ⌋: this number in fixed point, off by less than one unit and by nothing if no bits are lost.
  func floor(scale: Int) -> Integer {
    units(ofPowerOfTwo: -scale, .down)
  }
}
