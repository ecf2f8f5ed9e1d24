import PlumbExact

/// Sines and cosines of Float32s up to 2²⁴, by a table of sin(j·π/32).
///
/// *Error bound*: relative 12u and absolute 2⁻⁷⁷, or 0 where |x| < 0.049, u = 2⁻⁵³, by the following proof.
/// 1. k is an integer within 0.501 of 32x/π, |k| < 2²⁸; r = x − k·π/32 is at most 0.0492. π/32 = C1 + C2 + C3 to within
///    2⁻¹¹¹: C1 is a multiple of 2⁻²⁸ of 25 bits and C2 one of 2⁻⁵³ of 25 bits, so k·C1 and k·C2 are exact. For k ≠ 0 x is at least
///    2⁻⁵ in magnitude and a multiple of 2⁻²⁸: x − k·C1, below 1, is exact, and so is what C2 leaves, a multiple of 2⁻⁵³ below 1.
///    |k·C3| < 2⁻²⁹ is off by 2⁻⁸², k times what is missed of π/32 by 2⁻⁸³, and the last difference by u·|r|. k = 0 below 0.049.
/// 2. sin r = r + r·P to r⁹/9!, cut below 2⁻⁶⁸·|r|; cos r − 1 = Q to r⁸/8!, cut below 2⁻⁶⁵. |P| < 0.0005 and |Q| < 0.0013.
/// 3. sin x = S + (C·sin r + S·Q) with S and C from the table, each off by u, relative. S = 0: |C| = 1, and the result is
///    sin r, off by 1.1 u and by u for r. Otherwise |S| > 0.098 and the result is at least 0.0487, at least |S| − 0.0506: S
///    is off by u·|S|, C·sin r by 4.1 u·0.0492 with r's own error, S·Q by 4 u·0.0013, their sum by 0.0506 u:
///    (0.0506 + 0.26)/0.0487 u and u, and u for the last sum: 8.4 u.
struct CircleTable: Sendable {
  /// sin(j·π/32) for 0 ≤ j < 64.
  private let sines: [Double]

  /// Computes the entries from balls, each known to within 2⁻¹⁵⁰ before it is rounded; the zeros are put in.
  init() {
    let pi = Ball.pi(precision: 200)
    sines = (0..<64).map { j in
      let angle = pi * Ball(Rational(significand: Integer(j), exponent: -5))
      return j % 32 == 0 ? 0 : Ball.sin(angle, precision: 200).midpoint.rounded(to: Double.self, .toNearestOrEven)
    }
  }

  /// sin(x + `quarter`·π/2); NaN beyond 2²⁴.
  ///
  /// - Precondition: x is a Float32.
  func callAsFunction(_ x: Double, quarter: Int) -> FunctionFilter.Value {
    guard x.magnitude <= 0x1p24 else { return FunctionFilter.Value(.nan, relative: 0) }
    let shift = 0x1.8p52
    let k = (x * 0x1.45f306dc9c883p3 + shift) - shift
    let r = ((x - k * 0x1.921fb5p-4) - k * 0x1.110b46p-30) - k * 0x1.1a62633145c07p-58
    let z = r * r
    let p = z * (-1 / 6.0 + z * (1 / 120.0 + z * (-1 / 5_040.0 + z * (1 / 362_880.0))))
    let q = z * (-0.5 + z * (1 / 24.0 + z * (-1 / 720.0 + z * (1 / 40_320.0))))
    let place = Int(k) + 16 * quarter
    let (sine, cosine) = (sines[place & 63], sines[(place + 16) & 63])
    return FunctionFilter.Value(
      sine + (cosine * (r + r * p) + sine * q), relative: 12 * 0x1p-53, absolute: x.magnitude < 0.049 ? 0 : 0x1p-77)
  }
}
