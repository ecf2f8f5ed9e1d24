extension Outward {
  /// The relative distance by which the enclosures below reach beyond what they approximate.
  ///
  /// Only the size of a bound depends on it: 2⁻⁴⁴ of a unit roundoff is nothing.
  private static let slack = 0x1p-44

  /// An enclosure of e^x, of relative width 2⁻⁴³ for |x| ≤ 700.
  ///
  /// x = k·log 2 + r with |r| ≤ 0.35: k·h is exact for the 42 leading bits h of log 2, as |k| < 2¹⁰, so that r is off by
  /// less than 2⁻⁵⁰. The remainder of Taylor's polynomial of degree 13 is below 0.35¹⁴/14! < 2⁻⁵⁶, and Horner's scheme
  /// with positive and falling coefficients rounds by less than 2⁻⁴⁹ in all, each a part of e^r > ⅔: together below 2⁻⁴⁷.
  /// Beyond 700, e^700 > 2¹⁰⁰⁰ and e^−700 < 2⁻¹⁰⁰⁰.
  static func exponential(_ x: Double) -> (lower: Double, upper: Double) {
    if x == 0 { return (1, 1) }
    if x < -700 { return (0, 0x1p-1000) }
    if x > 700 { return (0x1p1000, .infinity) }
    let count = (x * 1.4426950408889634).rounded()
    let rest = x - count * 0x1.62E42FEFA38p-1 - count * 0x1.EF35793C7673p-45
    var value = 1.0
    for degree in stride(from: 13.0, through: 1, by: -1) { value = 1 + value * rest / degree }
    let scale = Double(sign: .plus, exponent: Int(count), significand: 1)
    return (value * (1 - slack) * scale, value * (1 + slack) * scale)
  }

  /// An upper bound of e^x − 1 for x ≥ 0.
  ///
  /// e^x − 1 ≤ x + x² up to x = 1, since the rest of the series is x²·(½ + x/6 + …) ≤ (e − 2)·x².
  package static func exponentialLessOne(_ x: Double) -> Double {
    x <= 1 ? sumUp(x, productUp(x, x)) : exponential(x).upper
  }

  /// An enclosure of log x for a finite x > 0.
  ///
  /// x = m·2^k with m in [√½, √2), and log m = 2·artanh s with s = (m − 1)/(m + 1), |s| < 0.172: the series to s²¹ leaves
  /// less than 2·s²³/23/(1 − s²) < 2⁻⁶⁰·|s|, its sum rounds by less than 2⁻⁴⁹ of itself, and the two parts of the
  /// result by less than 2⁻⁵¹ of their magnitudes.
  static func logarithm(_ x: Double) -> (lower: Double, upper: Double) {
    if x == 1 { return (0, 0) }
    var (mantissa, exponent) = (x.significand, Double(x.exponent))
    if mantissa > 1.4142135 { (mantissa, exponent) = (mantissa / 2, exponent + 1) }
    let s = (mantissa - 1) / (mantissa + 1)
    let square = s * s
    var series = 0.0
    for degree in stride(from: 21.0, through: 1, by: -2) { series = 1 / degree + series * square }
    let (first, second) = (exponent * 0.6931471805599453, 2 * s * series)
    let width = (first.magnitude + second.magnitude) * slack
    return (first + second - width, first + second + width)
  }
}
