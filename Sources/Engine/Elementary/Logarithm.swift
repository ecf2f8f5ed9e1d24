extension Engine {
  /// The natural logarithm in Float64 of a positive normal number.
  ///
  /// *Error bound*: relative `EngineAccuracy.log64`, by the following proof; u = 2⁻⁵³.
  /// x = m·2^e with m in [0.7071, 1.4143], and log m = 2·artanh f, f = (m − 1)/(m + 1), |f| < 0.1716.
  /// 1. m − 1 is exact (Sterbenz); m + 1 and the quotient are rounded: f is off by 2.01 u, relative.
  /// 2. log m = 2f·(1 + z·P(z)), z = f² < 0.0295, with z·P < 0.0101: the errors of z (5.1 u), of P's Horner steps and
  ///    coefficients (below 4 u) and of the two products (2 u) add 0.0101·12 u; the series is cut at a relative
  ///    z¹¹/23 < 2⁻⁶⁰; the last addition is rounded: s is off by 3.2 u in all.
  /// 3. e = 0: that is the result. Otherwise e·L1 is exact (42 and 8 bits), |s| < 0.3466 and |e·ln 2 + s| > 0.3465:
  ///    s and the rounding of s + e·L2 contribute at most (3.2 + 1.01) u·0.3466, relative 4.22 u, and the last
  ///    addition 1 u: 5.3 u in all.
  static func logarithm(_ x: Double) -> Double {
    var (m, e) = (x.significand, Double(x.exponent))
    if m > 0x1.6a09e667f3bcdp0 { (m, e) = (m / 2, e + 1) }
    let s = twiceInverseHyperbolicTangent((m - 1) / (m + 1))
    return e * 0x1.62e42fefa3800p-1 + (s + e * 0x1.ef35793c76730p-45)
  }

  /// log(1 + x) in Float64 of a finite x ≥ 0.
  ///
  /// *Error bound*: relative 9·2⁻⁵³. Below √2 − 1, m − 1 = x is exact and m + 1 = 2 + x is rounded, as in the proof of
  /// `logarithm`; above, the sum's rounding is a relative u of an argument whose logarithm exceeds 0.3465: 2.9 u more.
  static func logarithmOfOnePlus(_ x: Double) -> Double {
    x < 0.4142 ? twiceInverseHyperbolicTangent(x / (2 + x)) : logarithm(1 + x)
  }

  /// 2·artanh f for |f| < 0.1716.
  private static func twiceInverseHyperbolicTangent(_ f: Double) -> Double {
    let z = f * f
    var p = 0.0
    for coefficient in twiceReciprocalsOfOdds.reversed() { p = p * z + coefficient }
    return 2 * f + f * (z * p)
  }

  /// 2/3, 2/5, … 2/21.
  private static let twiceReciprocalsOfOdds = stride(from: 3.0, through: 21, by: 2).map { 2 / $0 }
}
