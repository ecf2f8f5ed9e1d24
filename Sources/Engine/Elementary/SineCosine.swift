extension Engine {
  /// The sine and cosine in Float64 of |x| ≤ 2²⁴; NaN beyond.
  ///
  /// *Error bound*: absolute `EngineAccuracy.sineCosine`, by the following proof; u = 2⁻⁵³.
  /// 1. k is an integer next to 2x/π, below 2^23.4 in magnitude; the product is off by less than 2⁻²⁸, so that
  ///    |r| < 0.7854 for r = x − k·π/2.
  /// 2. π/2 = P1 + P2 + P3 to within 2⁻¹¹⁴; P1 and P2 have 29 significant bits, so k·P1 and k·P2 are exact. k = 0, or x
  ///    and k·P1 lie within a factor 2 of each other: x − k·P1 is exact (Sterbenz). The next two differences, both below
  ///    1, are rounded by at most u/2 each, k·P3 (below 2⁻³⁵) by 2⁻⁸⁸, and π/2 is missed by k·2⁻¹¹⁴: r is off by 1.01 u.
  /// 3. sin r = r + r·(z·Q), z = r² < 0.617, Q = −1/3! + z/5! − … to z⁷/17!. In Horner's rule |pᵢ| is at most its
  ///    leading coefficient; coefficients, products and sums together err by at most 3.1 u·Σ zⁱ/(2i + 3)! < 0.54 u in Q.
  ///    z·Q errs by 0.617·(0.54 + 0.167 + 0.167) u, r·(z·Q) by 0.51 u, the last sum, below 1, by u/2, and the series is
  ///    cut below 2⁻⁶³: 1.02 u.
  /// 4. cos r = 1 + z·C, C = −1/2 + z/4! − … to −z⁷/16!: C errs by u/4 for the sum, 0.03 u for the last product and
  ///    0.617·3.1/24 u for the rest: 0.37 u. z·C errs by 0.617·0.37 u, 0.31 u for z and u/4 for the product; the last
  ///    sum, at most 1, by u/2; the series is cut below 0.02 u: 1.31 u.
  /// 5. r's own error reaches sine times at most 1, cosine times at most 0.7072: 2.03 u and 2.03 u. sin 0 = 0 and
  ///    cos 0 = 1 exactly.
  static func sineCosine(_ x: Double) -> (sine: Double, cosine: Double) {
    guard x.magnitude <= 0x1p24 else { return (.nan, .nan) }
    let shift = 0x1.8p52
    let k = (x * 0x1.45f306dc9c883p-1 + shift) - shift
    let r = ((x - k * 0x1.921fb54p0) - k * 0x1.10b4611p-30) - k * 0x1.4c4c6628b80dcp-59
    let z = r * r
    var (q, c) = (0.0, 0.0)
    for (odd, even) in alternatingReciprocalFactorials.reversed() {
      q = q * z + odd
      c = c * z + even
    }
    let (sine, cosine) = (r + r * (z * q), 1 + z * c)
    return switch Int(k) & 3 {
    case 0: (sine, cosine)
    case 1: (cosine, -sine)
    case 2: (-sine, -cosine)
    default: (-cosine, sine)
    }
  }

  /// −1/3! and −1/2!, then 1/5! and 1/4!, and so on to 1/17! and 1/16!.
  ///
  /// Factorials up to 17! are exact.
  private static let alternatingReciprocalFactorials: [(odd: Double, even: Double)] = {
    var (factorial, sign) = (1.0, 1.0)
    return stride(from: 2.0, through: 16, by: 2).map { even in
      factorial *= even
      let reciprocal = 1 / factorial
      factorial *= even + 1
      sign = -sign
      return (sign / factorial, sign * reciprocal)
    }
  }()
}
