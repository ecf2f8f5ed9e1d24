extension Rational {
  /// The value of a Float32, or nil for NaN and the infinities; both zeros are 0.
  package init?(exactly value: Float) { self.init(finite: value) }

  /// The value of a Float64, or nil for NaN and the infinities; both zeros are 0.
  package init?(exactly value: Double) { self.init(finite: value) }

  #if !(os(macOS) && arch(x86_64))
    /// The value of a Float16, or nil for NaN and the infinities; both zeros are 0.
    package init?(exactly value: Float16) { self.init(finite: value) }
  #endif

  init?<Format: BinaryFloatingPoint>(finite value: Format) {
    guard value.isFinite else { return nil }
    let (significand, exponent) = value.integerSignificandAndExponent
    self.init(significand: Integer(value.sign == .minus ? -significand : significand), exponent: exponent)
  }

  /// This number in the float format `Format`, rounded by `rule` as IEEE 754-2019 (4.3) says.
  ///
  /// *Edge cases*: subnormals are rounded once, in their own spacing. Beyond the greatest finite number the nearest
  /// rules give infinity from half a spacing on, the others infinity or the greatest finite number as they point. A number
  /// that rounds to zero keeps its sign; 0 itself gives +0.
  /// - Precondition: `Format` stores no leading bit and at most 62 bits of fraction, which excludes only `Float80`.
  package func rounded<Format: BinaryFloatingPoint>(
    to format: Format.Type, _ rule: FloatingPointRoundingRule
  ) -> Format {
    if isZero { return 0 }
    let sign: FloatingPointSign = signum() < 0 ? .minus : .plus
    let fractionBits = Format.significandBitCount
    let binade = floorLog2
    if binade > Format.greatestFiniteMagnitude.exponent { return Rational.overflow(sign, rule) }
    // Below the normal numbers the spacing stays that of the least normal binade.
    let leastExponent = Int(Format.leastNormalMagnitude.exponent)
    let spacing = max(binade, leastExponent) - fractionBits
    let magnitude = units(ofPowerOfTwo: spacing, rule).magnitude.lowWord
    // The fraction's leading bit, if there is one, counts as 1 in the exponent field, and so does a carry out of it:
    // binade by binade the bit patterns of floats are consecutive.
    let pattern = magnitude + (UInt(spacing + fractionBits - leastExponent) << UInt(fractionBits))
    return Format(
      sign: sign,
      exponentBitPattern: Format.RawExponent(pattern >> UInt(fractionBits)),
      significandBitPattern: Format.RawSignificand(pattern & ((1 << UInt(fractionBits)) - 1)))
  }

  private static func overflow<Format: BinaryFloatingPoint>(
    _ sign: FloatingPointSign, _ rule: FloatingPointRoundingRule
  ) -> Format {
    let staysFinite =
      switch rule {
      case .towardZero: true
      case .down: sign == .plus
      case .up: sign == .minus
      default: false
      }
    let magnitude = staysFinite ? Format.greatestFiniteMagnitude : Format.infinity
    return sign == .minus ? -magnitude : magnitude
  }
}

extension BinaryFloatingPoint {
  /// |self| = significand·2ᵉˣᵖᵒⁿᵉⁿᵗ for a finite number.
  var integerSignificandAndExponent: (significand: Int, exponent: Int) {
    let fraction = Int(significandBitPattern)
    let bias = (1 << (Self.exponentBitCount - 1)) - 1
    let biased = Int(exponentBitPattern)
    let significand = biased == 0 ? fraction : fraction | (1 << Self.significandBitCount)
    return (significand, max(biased, 1) - bias - Self.significandBitCount)
  }
}
