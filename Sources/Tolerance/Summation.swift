import PlumbExact

/// A dot product Σ wⱼ·xⱼ that is summed along a known tree, and rounded further.
///
/// *Error bound*: the computed sum is Σ wⱼxⱼ·∏(1 + δ) with at most m = `roundings` factors a term, hence with S = Σ |wⱼxⱼ|
/// |computed − exact| ≤ γₘ·S, γₘ = m·u/(1 − m·u) ≥ (1 + u)ᵐ − 1 (Higham, *Accuracy and Stability of Numerical Algorithms*,
/// lemma 3.1 and section 3.1). A rounding whose result is subnormal adds η instead; additions never do (section 2.8),
/// products and fused multiply-adds may, once a term, and so may each further rounding. Each added η passes through the
/// same roundings: |computed − exact| ≤ γₘ·(S + `underflow`) + `underflow`.
package struct Summation: Sendable {
  /// The format of every intermediate.
  package let format: FloatFormat
  /// m, the greatest number of roundings that any term passes through; m·u < 1.
  package let roundings: Int
  private let underflows: Int

  /// The sum of `terms` products, of which each passes through at most `depth` roundings on its way to it; `nil` where the
  /// theorem says nothing, as there are 1/u roundings or more.
  ///
  /// `further` counts roundings of the factors before the products, or of the sum after: each multiplies a term by another
  /// 1 + δ.
  package init?(terms: Int, depth: Int, further: Int = 0, in format: FloatFormat = .float32) {
    guard depth + further < 1 << format.precision else { return nil }
    self.format = format
    roundings = depth + further
    underflows = terms + further
  }

  /// γₘ.
  package var gamma: Rational {
    Rational(Integer(roundings), over: (Integer(1) << format.precision) - Integer(roundings))
  }

  /// The sum that underflow adds before later roundings: η for each product and each further rounding.
  package var underflow: Rational { format.underflow * Rational(Integer(underflows)) }

  /// `gamma`, rounded to nearest.
  package var nearGamma: Double { Double(roundings) / Double(1 << format.precision - roundings) }

  /// `underflow`, exactly.
  package var nearUnderflow: Double { Double(underflows) * format.halfLeast }

  /// The bound where Σ |wⱼ|·|xⱼ| is at most `absoluteSum`; `nil` where a partial sum may overflow.
  ///
  /// *Edge cases*: 0 where `absoluteSum` is 0, since every product is then 0.
  package func bound(absoluteSum: Rational) -> Rational? {
    if absoluteSum.isZero { return 0 }
    let underflow = underflow
    let bound = gamma * (absoluteSum + underflow) + underflow
    guard absoluteSum + bound <= format.greatestFinite else { return nil }
    return bound.rounded(toBits: 32, .up)
  }
}
