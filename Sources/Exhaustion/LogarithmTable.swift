import PlumbExact

/// log x of positive Float32s, by a table of −log(i/128).
///
/// *Error bound*: relative 8u, u = 2⁻⁵³, by the following proof. x = m·2^e with m in [0.7071, 1.4143], i the integer next
/// to 128/m, r = m·i/128 − 1: both operations are exact, on 24 and 8 bits, and |r| ≤ 0.0057.
/// 1. log(1 + r) = r + r²·Q, Q = −1/2 + r/3 − … to −r⁶/8, cut below r⁹/9 < 2⁻⁶³·|r|. The second term is at most 0.0029·|r| and off by
///    4 u of that, and the sum rounds once: p, off by 1.02 u.
/// 2. e = 0 and i = 128: p is the result. e = 0 otherwise: |log m| > 0.0038, and the table's entry T, off by u·|T|, is at most
///    |log m| + 0.0057: (u·|T| + 1.02·0.0057 u)/|log m| < 4.1 u, and the sum's u.
/// 3. e ≠ 0: |log x| > 0.3465, e·L1 is exact (42 and 8 bits), L1 + L2 misses log 2 by 2⁻¹⁰². T, p and two sums of at most 0.36
///    are off by 0.75 u in all, relative 2.2 u; and the last sum's u.
struct LogarithmTable: Sendable {
  /// −log(i/128) for 64 ≤ i ≤ 192.
  private let entries: [Double]

  /// Computes the entries from balls, each known to within a relative 2⁻⁸⁰ before it is rounded.
  init() throws(EnclosureError) {
    var entries: [Double] = []
    for i in 64...192 {
      let ball = try Ball.log(Ball(Rational(significand: Integer(i), exponent: -7)), precision: 200)
      guard i == 128 || ball.radius.scaled(byPowerOfTwo: 80) <= ball.midpoint.magnitude else {
        throw .argumentOutsideDomain(function: "a table of logarithms")
      }
      entries.append(i == 128 ? 0 : -ball.midpoint.rounded(to: Double.self, .toNearestOrEven))
    }
    self.entries = entries
  }

  /// log x; −∞ for 0 and NaN below.
  ///
  /// - Precondition: x is a finite Float32.
  func callAsFunction(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? -.infinity : .nan }
    var (m, e) = (x.significand, Double(x.exponent))
    if m > 1.4142 { (m, e) = (m / 2, e + 1) }
    let i = (128 / m).rounded()
    let r = m * (i * 0x1p-7) - 1
    var q = -1 / 8.0
    q = q * r + 1 / 7.0
    q = q * r - 1 / 6.0
    q = q * r + 1 / 5.0
    q = q * r - 1 / 4.0
    q = q * r + 1 / 3.0
    q = q * r - 1 / 2.0
    let p = r + r * r * q
    return e * 0x1.62e42fefa3800p-1 + (entries[Int(i) - 64] + (p + e * 0x1.ef35793c76730p-45))
  }
}
