extension FloatFormat {
  /// The upper half of a binary32.
  public static let bfloat16 = FloatFormat(name: "bf16", precision: 8, leastExponent: -133, greatestExponent: 127)
  /// IEEE 754 binary16.
  public static let float16 = FloatFormat(name: "f16", precision: 11, leastExponent: -24, greatestExponent: 15)
  /// What tensor cores keep of a binary32: its exponents, and 11 bits of its significand.
  public static let tensorFloat32 = FloatFormat(
    name: "tf32", precision: 11, leastExponent: -136, greatestExponent: 127)

  /// The number of the format that is nearest to `value`, ties to even; the greatest where `value` lies beyond it.
  ///
  /// *Edge cases*: what is not finite stays as it is.
  public func nearest(to value: Float) -> Float {
    let wide = Double(value)
    guard value.isFinite, !holds(wide) else { return value }
    let spacing = spacing(atMagnitude: wide.magnitude)
    let rounded = (wide / spacing).rounded(.toNearestOrEven) * spacing
    return Float(rounded.magnitude > greatest ? Double(signOf: wide, magnitudeOf: greatest) : rounded)
  }

  // The formats here are narrower than Double, so that their numbers and spacings are Doubles.

  /// The least normal number.
  var leastNormal: Double { Self.power(leastExponent + precision - 1) }

  /// The greatest finite number.
  var greatest: Double { 2 * Self.power(greatestExponent) - Self.power(greatestExponent - precision + 1) }

  /// The unit roundoff.
  var roundoff: Double { Self.power(-precision) }

  /// Half the least positive number.
  var halfLeast: Double { Self.power(leastExponent - 1) }

  /// The distance between neighbouring numbers in the binade of a finite `magnitude`.
  func spacing(atMagnitude magnitude: Double) -> Double {
    magnitude == 0 ? Self.power(leastExponent) : Self.power(max(Int(magnitude.exponent) - precision + 1, leastExponent))
  }

  /// Whether `value` is a number of the format.
  func holds(_ value: Double) -> Bool {
    value == 0
      || value.magnitude <= greatest && Self.leastBit(of: value) >= leastExponent && value.significandWidth < precision
  }

  /// The exponent of the least bit of a finite `value` that is not 0.
  static func leastBit(of value: Double) -> Int { Int(value.exponent) - value.significandWidth }

  /// 2 to the power of `exponent`.
  static func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
}
