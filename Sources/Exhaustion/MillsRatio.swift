import PlumbExact

/// Mills' ratio R(t) = Φ(−t)/φ(t) of the normal distribution on 0 ≤ t ≤ 39, by Taylor's series at 0, 1/16, 2/16, ….
///
/// *Error bound*: relative 3u, u = 2⁻⁵³, by the following proof.
/// 1. R(t) = ∫ e^(−s²/2 − ts) ds over s ≥ 0, so |R⁽ⁿ⁾| = ∫ sⁿ·e^(−s²/2 − ts) ds falls with t. With |h| ≤ 1/32, what twelve
///    terms leave is at most |R⁽¹²⁾(0)|/12!·2⁻⁶⁰ = 2^5.5·Γ(6.5)/12!·2⁻⁶⁰ < 2⁻⁷⁵, and R(39) > 39/(1 + 39²) > 2⁻⁶ (Gordon 1941):
///    relative 2⁻⁶⁹.
/// 2. R is log-convex, as Laplace transforms of positive measures are, so |R′/R| ≤ |R′(0)/R(0)| = √(2/π) < 0.8: the terms
///    after the first sum to less than 0.026·R. Their coefficients, products and sums are off by less than 4 u of that in all
///    (each step of Horner's rule passes on at most 1/32·n/√n of the error before it): 0.11 u. The first coefficient and
///    the last sum round by u each: 2.11 u.
struct MillsRatio: Sendable {
  /// The bound of the relative error.
  static let relativeError = 3 * 0x1p-53

  private static let terms = 12
  private let coefficients: [Double]

  /// Computes the coefficients from balls, each known to within a relative 2⁻⁸⁰ before it is rounded.
  ///
  /// With rₙ = R⁽ⁿ⁾/n!: r₁ = t·r₀ − 1, which differentiated n times gives (n + 1)·rₙ₊₁ = t·rₙ + rₙ₋₁. r₀ is
  /// (1 − erf(t/√2))/2 / φ(t), where all but e^(−t²/2) of 1 cancels: 1,100 bits at t = 39.
  init() throws(EnclosureError) {
    let precision = 1600
    let half = try Ball.reciprocalSquareRoot(Ball(2), precision: precision)
    let root = try Ball.squareRoot(
      try Ball.pi(precision: precision).divided(by: Ball(2), precision: precision), precision: precision)
    var coefficients: [Double] = []
    for node in 0...624 {
      let t = Ball(Rational(significand: Integer(node), exponent: -4))
      let tail = Ball(1) - Ball.erf(t * half, precision: precision)
      let inverse = try Ball.exp(Ball(Rational(significand: Integer(node * node), exponent: -9)), precision: precision)
      var series = [(tail * root * inverse).rounded(to: precision)]
      series.append((t * series[0] - Ball(1)).rounded(to: precision))
      for n in 1..<Self.terms - 1 {
        let sum = t * series[n] + series[n - 1]
        series.append((sum * Ball(Rational(1, over: Integer(n + 1)))).rounded(to: precision))
      }
      for ball in series {
        guard ball.radius.scaled(byPowerOfTwo: 80) <= ball.midpoint.magnitude else {
          throw .argumentOutsideDomain(function: "Mills' ratio")
        }
        coefficients.append(ball.midpoint.rounded(to: Double.self, .toNearestOrEven))
      }
    }
    self.coefficients = coefficients
  }

  /// R(t).
  func callAsFunction(_ t: Double) -> Double {
    let node = (t * 16).rounded()
    let h = t - node / 16
    let base = Int(node) * Self.terms
    var sum = 0.0
    for index in stride(from: base + Self.terms - 1, through: base, by: -1) { sum = sum * h + coefficients[index] }
    return sum
  }
}
