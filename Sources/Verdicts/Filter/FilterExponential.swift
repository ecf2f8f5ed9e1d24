extension Filter {
  /// e^(x + rest), where |x| ≤ 700 and |`rest`| ≤ 2⁻⁴¹.
  ///
  /// *Error bound*: relative 2·2⁻⁵³ = 2u, by the following proof.
  /// 1. k is an integer within 0.501 of (x + rest)/log 2, |k| ≤ 1011. L1 has 42 bits, so k·L1 is exact, and the difference
  ///    to x is taken without loss: a + b. log 2 = L1 + L2 to within 2⁻⁹⁷, L2 < 2⁻⁴², and |a| ≤ 0.348. The sum r of b,
  ///    −k·L2 and `rest` is at most 2⁻³¹ and off by less than 2⁻⁸³: e^(x + rest) = 2^k·e^a·e^r, relative 2⁻⁸³.
  /// 2. e^a = 1 + (a + a²·Q), Q = 1/2! + a/3! + … + a¹¹/13!, cut below a¹⁴/14! < 0.05 u. In Horner's rule pᵢ = cᵢ + a·pᵢ₊₁ the
  ///    error is Eᵢ ≤ 0.348·Eᵢ₊₁ + (0.348·|pᵢ₊₁| + |pᵢ| + |cᵢ|) u, without the last for 1/2, which is exact:
  ///    E₂ < 0.11 u, E₁ < 0.41 u, E₀ < 0.78 u. a² and the product round once each: a²·Q < 0.0684 is off by
  ///    (2·0.0684 + 0.1212·0.78) u < 0.24 u.
  /// 3. t = a + a²·Q lies between −0.3 and 0.42 and is rounded by at most u/4; r·(1 + t) is below 2⁻³⁰ and what is off of
  ///    it, with r²/2, below 2⁻⁶⁰; the sum with t is rounded by at most u/4: the argument of the last addition is off by
  ///    0.24 u + 0.05 u + 0.51 u = 0.8 u.
  /// 4. The last sum lies in [0.70, 1.42]: below 1 it is rounded by at most u/2, relative (0.8 + 0.5)/0.7 u = 1.86 u;
  ///    above by at most u, relative 1.8 u. The power of two is exact: the result is normal.
  @inlinable @inline(__always)
  package static func exponential(_ x: Double, _ rest: Double = 0) -> Double {
    let shift = 0x1.8p52
    let k = (x * 0x1.71547652b82fep0 + shift) - shift
    let (a, b) = ErrorFree.sum(x, -(k * 0x1.62e42fefa3800p-1))
    let r = (b - k * 0x1.ef35793c76730p-45) + rest
    var q = 1 / 6_227_020_800.0
    q = q * a + 1 / 479_001_600.0
    q = q * a + 1 / 39_916_800.0
    q = q * a + 1 / 3_628_800.0
    q = q * a + 1 / 362_880.0
    q = q * a + 1 / 40_320.0
    q = q * a + 1 / 5_040.0
    q = q * a + 1 / 720.0
    q = q * a + 1 / 120.0
    q = q * a + 1 / 24.0
    q = q * a + 1 / 6.0
    q = q * a + 0.5
    let t = a + a * a * q
    let y = 1 + (t + r * (1 + t))
    return y * Double(bitPattern: UInt64(Int(k) + 1023) << 52)
  }

  /// log(1 + s) for 0 ≤ s ≤ 2⁴⁰.
  ///
  /// *Error bound*: relative 12·2⁻⁵³ = 12u, by the following proof.
  /// 1. Below 0.4: 2·artanh f, f = s/(2 + s) < 0.1667, off by 2 u, relative. The series 2f·(1 + z·P), z = f² < 0.0278,
  ///    z·P < 0.0095, is cut below z¹¹/23 < 0.01 u; z·P is off by less than 0.0095·(4 + 4 + 2) u, 2f·(z·P) rounds once more,
  ///    and the last sum once: 2·1.03 u + 0.11 u + 1.1 u < 4 u.
  /// 2. Otherwise y = log(1 + s) ≥ 0.336. Some y₀ is off by δ, |δ| < 2⁻²⁰. With E = e^y₀ the exact y is
  ///    y₀ + 2·artanh((1 + s − E)/(1 + s + E)), of whose series the first term leaves |δ|³/12 < 2⁻⁶³. E is off by 2 u and 1 + s by u,
  ///    relative, so that the numerator is off by 3 u·(1 + s) and a rounding of its own, far smaller; the quotient is off by
  ///    1.51 u, what is added by 3.02 u, and the last sum by u·y: relative (3.02/0.336 + 1.1) u < 11 u.
  package static func logarithmOfOnePlus(_ s: Double) -> Double {
    if s < 0.4 { return twiceInverseHyperbolicTangent(s / (2 + s), terms: 11) }
    let whole = 1 + s
    var (m, e) = (whole.significand, Double(whole.exponent))
    if m > 1.4143 { (m, e) = (m / 2, e + 1) }
    // |f| < 0.1717: four terms leave 2f⁹/9 < 2⁻²³.
    let start = e * 0.6931471805599453 + twiceInverseHyperbolicTangent((m - 1) / (m + 1), terms: 4)
    let power = exponential(start)
    return start + 2 * ((whole - power) / (whole + power))
  }

  /// 2·(f + f³/3 + …), `terms` terms.
  private static func twiceInverseHyperbolicTangent(_ f: Double, terms: Int) -> Double {
    let z = f * f
    var p = 0.0
    for odd in stride(from: 2 * terms - 1, through: 3, by: -2) { p = p * z + 1 / Double(odd) }
    return 2 * f + 2 * f * (p * z)
  }
}
