// The formats here are no wider than Double, and half their least spacing is a Double, so that their numbers and spacings are.
extension FloatFormat {
  /// `value` rounded once to the format; by default to the nearest number, ties to even.
  ///
  /// *Edge cases*: NaN stays NaN, and zeros keep their signs. A value that rounds to more than the greatest number, an
  /// infinity too, is an infinity, or NaN where the format has none, or the greatest number where conversions saturate; a
  /// finite value is the greatest number, too, where the rule points away from infinity.
  package func rounded(_ value: Double, _ rule: FloatingPointRoundingRule = .toNearestOrEven) -> Double {
    guard value.isFinite else { return value.isNaN ? value : beyond(value) }
    guard value != 0 else { return value }
    let spacing = spacing(atMagnitude: value.magnitude)
    let result = (value / spacing).rounded(rule) * spacing
    guard result.magnitude > greatest else { return result }
    let staysFinite =
      switch rule {
      case .towardZero: true
      case .up: value < 0
      case .down: value > 0
      default: false
      }
    return staysFinite ? Double(signOf: value, magnitudeOf: greatest) : beyond(value)
  }

  /// The result where the magnitude is too great, with the sign of `value`.
  private func beyond(_ value: Double) -> Double {
    Double(signOf: value, magnitudeOf: saturates ? greatest : hasInfinities ? .infinity : .nan)
  }

  /// The number of the format that is nearest to `value`, ties to even; the greatest where `value` lies beyond it.
  ///
  /// *Edge cases*: what is not finite stays as it is.
  package func nearest(to value: Float) -> Float {
    guard value.isFinite else { return value }
    let result = rounded(Double(value))
    return Float(result.isFinite ? result : Double(signOf: Double(value), magnitudeOf: greatest))
  }

  /// The least normal number.
  var leastNormal: Double { Self.power(leastExponent + precision - 1) }

  /// The unit roundoff.
  package var roundoff: Double { Self.power(-precision) }

  /// Half the least positive number.
  package var halfLeast: Double { Self.power(leastExponent - 1) }

  /// The distance between neighbouring numbers in the binade of a finite `magnitude`.
  package func spacing(atMagnitude magnitude: Double) -> Double {
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
  package static func power(_ exponent: Int) -> Double {
    // The bits of a normal number hold its exponent; the general initialiser costs as much as a few operations.
    -1022...1023 ~= exponent
      ? Double(bitPattern: UInt64(exponent + 1023) << 52) : Double(sign: .plus, exponent: exponent, significand: 1)
  }
}
