import PlumbModel

extension Engine {
  /// gelu(x) = x·Φ(x), element by element, where Φ(x) = (1 + erf(x/√2))/2.
  ///
  /// Computed in Float64 and rounded once: y = fl32(exact·(1 + ε)), |ε| ≤ `geluRelativeError`. For x < −37.7 the result is
  /// −0, and the exact value is below 2⁻¹⁰⁰⁰ in magnitude.
  ///
  /// *Edge cases*: gelu(+∞) = +∞; gelu(−∞) and gelu(NaN) are NaN.
  public static func gelu(_ x: Activation<Float>) -> Activation<Float> {
    let x64 = x.elements.map(Double.init)
    let powers = exponentials(x64.map { $0 * $0 * -0.5 })
    let elements = zip(x64, powers).map { Float($0 * normalDistribution($0, exponential: $1)) }
    return Activation(shape: x.shape, elements: elements)
  }

  /// Φ(x), given e^(−x²/2).
  ///
  /// *Error bound*: relative 8398·u, u = 2⁻⁵³, by the following proof. x² is exact, so the exponential is off by 8 u, and
  /// φ = e^(−x²/2)/√(2π) by 10 u.
  /// 1. |x| ≤ 2.5: Φ = ½ + x·φ·S(x²), S(z) = Σ zᵏ/(2k + 1)!!, all of whose terms are positive. Cut after 30 terms it lacks
  ///    a relative 2⁻⁶⁴ at z = 6.25, and less below, as the terms that are left out grow faster than the others. Each step
  ///    of Horner's rule rounds three times: S is off by at most 91 u, the second term P by 104 u. |P| < ½, and
  ///    Φ(−2.5) > 0.0062: what cancels leaves 104·½/0.0062 u < 8388 u, and the sum's rounding.
  /// 2. x < −2.5: Φ = φ·R(−x), R(t) = 1/(t + 1/(t + 2/(t + 3/(t + …)))), Laplace's continued fraction, cut after 100
  ///    terms. All are positive: the value lies between neighbouring convergents, whose distance relative to R is at most
  ///    2⁻⁶⁴ at t = 2.5. It is n!/(Bₙ·Bₙ₊₁·R), where the denominators B have positive coefficients, one of two neighbours
  ///    is odd, and t·R grows with t, because R′ = t·R − 1 and R > t/(1 + t²) (Gordon 1941): it is less above 2.5. Each step
  ///    rounds twice and passes on less than all of the error before it: R is off by less than 203 u.
  /// 3. x > 2.5: Φ = 1 − φ·R, where the second term is below 0.0063.
  private static func normalDistribution(_ x: Double, exponential: Double) -> Double {
    let density = exponential * 0x1.9884533d43651p-2
    let size = x.magnitude
    if size <= 2.5 {
      let square = x * x
      var series = 1.0
      // Below, no term moves the sum: the loop would leave it 1.
      if square < 0x1p-54 { return 0.5 + x * density }
      for odd in stride(from: 59.0, to: 1, by: -2) { series = 1 + square * series / odd }
      return 0.5 + x * density * series
    }
    // The fraction of nothing need not be computed.
    if density == 0 { return x < 0 ? 0 : 1 }
    var fraction = size
    for term in stride(from: 100.0, to: 0, by: -1) { fraction = size + term / fraction }
    let tail = density / fraction
    return x < 0 ? tail : 1 - tail
  }
}
