public import PlumbExact

extension Tolerance {
  /// γₘ = m·u / (1 − m·u), an upper bound of (1 + u)ᵐ − 1.
  ///
  /// - Precondition: m·u < 1.
  /// Source: Higham, *Accuracy and Stability of Numerical Algorithms*, lemma 3.1.
  public static func gamma(_ roundings: Int, in format: FloatFormat = .float32) -> Rational {
    let scale = Integer(1) << format.precision
    precondition(Integer(roundings) < scale, "\(roundings) roundings are beyond the theorem that bounds them")
    return Rational(Integer(roundings), over: scale - Integer(roundings))
  }

  /// The bound for a dot product Σ wⱼ·xⱼ that is summed along a known tree, and rounded `further` times.
  ///
  /// - Parameters:
  ///   - absoluteSum: an upper bound of Σ |wⱼ|·|xⱼ|.
  ///   - terms: the number of products.
  ///   - depth: the greatest number of roundings that any product passes through on its way to the sum.
  ///   - further: roundings of the factors before the products, or of the sum after: each multiplies a term by another
  ///     1 + δ.
  ///   - format: the format of every intermediate.
  ///
  /// *Edge cases*: 0 where `absoluteSum` is 0, since every product is then 0.
  /// *Error bound*: the computed sum is Σ wⱼxⱼ·∏(1 + δ) with at most m = `depth` + `further` factors a term, hence
  /// |computed − exact| ≤ γₘ·Σ|wⱼxⱼ| (Higham, section 3.1). A rounding whose result is subnormal adds η instead;
  /// additions never do (Higham, section 2.8), products and fused multiply-adds may, once a term, and so may each of
  /// `further`. What is added passes through the same roundings: (`terms` + `further`)·η·(1 + γₘ).
  public static func dotProduct(
    absoluteSum: Rational, terms: Int, depth: Int, further: Int = 0, in format: FloatFormat = .float32
  ) -> Rational? {
    if absoluteSum.isZero { return 0 }
    // Beyond as many roundings as 1/u the theorem says nothing.
    guard depth + further < 1 << format.precision else { return nil }
    let gamma = gamma(depth + further, in: format)
    let underflow = format.underflow * Rational(Integer(terms + further))
    let bound = gamma * (absoluteSum + underflow) + underflow
    guard absoluteSum + bound <= format.greatestFinite else { return nil }
    return bound.rounded(toBits: 32, .up)
  }
}
