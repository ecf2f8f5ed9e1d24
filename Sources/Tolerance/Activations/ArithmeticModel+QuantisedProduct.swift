// Products of quantised inputs with weights. A kernel adds products of a block as whole numbers or as Float32s, multiplies sums by the
// two scales at some time, and adds the results. A term so passes through the additions of a tree, and at most four roundings more:
// of the conversion of a whole number or of a product, of a rounded input or of the product of the scales, and of the products with
// them.
extension ArithmeticModel {
  /// The roundings of a term beside those of additions.
  private static let roundingsBesideSums = 4

  /// Σ aⱼ·bⱼ of quantised inputs a, and `bias` more where there is one.
  ///
  /// *Error bound*: a term that passes through d roundings is computed as itself times 1 + θ, |θ| ≤ γ_d (Higham, lemma 3.1), whatever the
  /// grouping: the sum of n terms, of which whole numbers are added exactly, is off by at most γ_(n + 3)·T, T = Σ|âⱼ·b̂ⱼ|. Where whole
  /// numbers of B blocks are added exactly in N lanes, the lanes in sequence, and then pairwise, d is at most
  /// B − 1 + ⌈log₂ N⌉ + 4, one more for what stands beside the lanes, and one for a bias. In a sequence of blocks each partial sum has its own
  /// rounding. What underflows is multiplied by whole numbers below 2³¹: each term adds 2³³ underflows at most.
  /// *Edge cases*: outside the domain where a factor is not finite, where the magnitudes add up to more than 2⁹⁶, and where
  /// those of the weights, times the greatest number of the grid, which may be added before they are scaled, do to more than 2¹²⁰.
  func quantisedDot(_ a: [Tracked], _ b: [Tracked], bias: Tracked?) -> Tracked {
    let weights = b.reduce(0) { Outward.sumUp($0, $1.reach) }
    guard let quantiser, Outward.productUp(weights, quantiser.grid.greatest) <= 0x1p120 else { return .outside }
    let free = quantised(SumBound(a, b, bias: bias))
    guard case .lanes(let lanes) = order, quantiser.isInteger, !free.isOutside, !free.isExact else {
      return free
    }
    let size = quantiser.block ?? max(a.count, 1)
    let blocks = stride(from: 0, to: a.count, by: size).map { start in
      let places = start..<min(start + size, a.count)
      return SumBound(Array(a[places]), Array(b[places]), bias: nil)
    }
    if lanes == 1 {
      let sums = blocks.map { quantised($0, roundings: Self.roundingsBesideSums) }
      return narrowed(free) { ordered(sums, and: bias) }
    }
    let levels = Int.bitWidth - (lanes - 1).leadingZeroBitCount
    let depth = blocks.count - 1 + levels + Self.roundingsBesideSums + (bias == nil ? 0 : 1) + 1
    return narrowed(free) { quantised(SumBound(a, b, bias: bias), roundings: depth) }
  }

  /// The sum, each term of which passes through at most so many `roundings`; without a number, of all orders.
  private func quantised(_ sum: SumBound, roundings: Int? = nil) -> Tracked {
    guard !sum.isOutside, sum.specials.isEmpty else { return .outside }
    let exact = Tracked(lower: sum.lower, upper: sum.upper, error: sum.inherited)
    guard sum.count > 0 else { return exact }
    let depth = roundings ?? sum.count - 1 + Self.roundingsBesideSums
    guard let step = quantisedStep(roundings: depth, terms: sum.count, addingUpTo: sum.absolute) else {
      return .outside
    }
    return exact.widened(by: step)
  }

  /// The most that roundings move a sum of products of quantised inputs, in any order; `nil` where nothing bounds it.
  package func quantisedStep(terms: Int, addingUpTo absolute: Double) -> Double? {
    quantisedStep(roundings: terms - 1 + Self.roundingsBesideSums, terms: terms, addingUpTo: absolute)
  }

  private func quantisedStep(roundings: Int, terms: Int, addingUpTo absolute: Double) -> Double? {
    guard let factor = gamma(roundings), absolute <= 0x1p96 else { return nil }
    let underflows = Outward.productUp(Double(terms) * 0x1p33, underflow)
    return Outward.sumUp(Outward.productUp(factor, Outward.sumUp(absolute, underflows)), underflows)
  }
}
