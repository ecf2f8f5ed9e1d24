extension ArithmeticModel {
  /// The sum of `terms`, in the model's order.
  ///
  /// *Error bound*: as that of a dot product whose products are not rounded.
  package func total(_ terms: some Sequence<Tracked>) -> Tracked {
    let terms = Array(terms)
    if replaysSums { return replayedTotal(terms) ?? unreplayed.total(terms) }
    if let sums { return summing.total(terms.map { rounded($0, to: sums) }, and: nil) }
    return total(terms, and: nil)
  }

  /// The sum of `terms`, two at a time in any order, each result stored or kept.
  ///
  /// *Error bound*: of two, the sum's and a rounding to the storage. Of n ≤ 64, the terms' own errors, and n − 1 times both roundings of
  /// the greatest number that a partial sum may be computed as. That is at most (1 + u)ⁿ⁻¹ times the sum S of the terms' magnitudes, with
  /// u ≤ 1/100 for both roundings together. (1 + u)ⁿ⁻¹ is convex in n, 1 at n = 1 and below 1.88 at n = 64, so it is at most
  /// 1 + (n − 1)/64, which is 1.98 there. Underflows add less than the difference, but to numbers so small that their spacing is the least.
  /// *Edge cases*: outside the domain where a term is not finite or a partial sum may overflow, and beyond 64 terms.
  package func sumOfStored(_ terms: [Tracked]) -> Tracked {
    if terms.count == 2 { return result(sum(terms[0], terms[1])) }
    guard terms.count <= 64, terms.allSatisfy(\.isFinite) else { return .outside }
    func added(_ numbers: [Double], _ sum: (Double, Double) -> Double) -> Double { numbers.reduce(0, sum) }
    let roundings = Double(terms.count - 1)
    let reach = Outward.productUp(added(terms.map(\.reach), Outward.sumUp), 1 + roundings / 64)
    let greatest = Tracked(lower: 0, upper: reach, error: 0)
    let (kept, stored) = (rounded(greatest, to: accumulation), rounded(greatest, to: storage))
    guard kept.isFinite, stored.isFinite else { return .outside }
    let moved = Outward.sumUp(kept.error, storage == accumulation ? 0 : stored.error)
    return Tracked(
      lower: added(terms.map(\.lower), Outward.sumDown), upper: added(terms.map(\.upper), Outward.sumUp),
      error: Outward.sumUp(added(terms.map(\.error), Outward.sumUp), Outward.productUp(roundings, moved)))
  }

  /// The model whose every result is a number of `sums`.
  package var summing: ArithmeticModel {
    var model = self
    (model.accumulation, model.sums) = (sums ?? accumulation, nil)
    return model
  }

  /// The sum of `terms`, which are numbers of the format, and of `bias`, which is added like one of them or after them.
  func total(_ terms: [Tracked], and bias: Tracked?) -> Tracked {
    narrowed(anyOrder(terms + (bias.map { [$0] } ?? []))) { ordered(terms, and: bias) }
  }

  /// The sum of `terms`, bounded for every order that the model's is one of.
  func anyOrder(_ terms: [Tracked]) -> Tracked {
    bounded(SumBound(terms, bias: nil))
  }

  /// The dot product Σ aⱼ·bⱼ, and `bias` more where there is one, in the model's order.
  ///
  /// - Parameter inherited: a bound of |Σ âⱼ·b̂ⱼ − Σ aⱼ·bⱼ| that the caller can prove; without one, the sum of the terms'
  ///   own.
  ///
  /// *Error bound*: with T = Σ|âⱼ·b̂ⱼ|, n the number of terms that are not 0, and d the most roundings that any of them
  /// passes through, the roundings move the sum by at most
  ///
  /// - n·u·(1 + u)·(T + n·η) + n·η in any order, fused or not;
  /// - γ_d·(T + n·η) + n·η, with γ_d = d·u/(1 − d·u), along a tree (Higham, lemma 3.1 and section 3.1);
  /// - the running bound of a declared order, which is taken where it is the least of these;
  /// - 0, where all terms are multiples of a 2^k and T ≤ 2^(k + precision): then so is every partial sum, in every
  ///   order, and the format holds it.
  ///
  /// The first is Jeannerod & Rump 2013, *Improved error bounds for inner products in floating-point arithmetic*, made to
  /// hold where only some products are fused. By induction over the tree of additions, a sum of n leaves w is off by at
  /// most (n − 1)·u·W with W = Σ|w|. Let an addition join v̂, computed for m leaves of absolute sum V, and ŵ, for n leaves
  /// of absolute sum W; let δ be its rounding. To show: (m − 1)·u·V + (n − 1)·u·W + |δ| ≤ (m + n − 1)·u·(V + W).
  /// 1. W ≤ u·V. The format holds v̂, so that no nearest number is farther: |δ| ≤ |ŵ| ≤ W + (n − 1)·u·W. That suffices,
  ///    since W + (n − 1)·u·W ≤ n·W ≤ n·u·V, and the other (n − 1)·u·W is there on the right.
  /// 2. V ≤ u·W, and the format holds ŵ: alike. It does not hold a fused product, but then n = 1 and
  ///    |δ| ≤ u·|v̂ + w| ≤ u·((m − 1)·u·V + V + W); on the left is m·u·V + u·W + (m − 1)·u²·V, on the right
  ///    m·u·V + m·u·W, and (m − 1)·u²·V ≤ (m − 1)·u·W.
  /// 3. V < W/u and W < V/u: |δ| ≤ u·((m − 1)·u·V + (n − 1)·u·W + V + W) ≤ u·((m − 1)·W + (n − 1)·V + V + W), and the
  ///    left is at most the right.
  ///
  /// A leaf is a fused product, a bias, or a rounded product: rounding moves the sum by u·T, and W is at most (1 + u)·T:
  /// (n − 1)·u·(1 + u)·T + u·T ≤ n·u·(1 + u)·T. Only products underflow (an addition of numbers of one format never does),
  /// each by η or less, which is as if the product itself were that much different.
  ///
  /// A faithful rounding is within 2u and 2η, for which the second bound holds with d ≤ n. Each of at most 2n operations
  /// may be flushed, by the least normal number λ or less, which d later roundings enlarge: 2n·λ·(1 + γ_d) more.
  ///
  /// A partial sum lies between the sum of the negative terms and that of the positive ones, each with its error: where one of
  /// these is beyond the greatest number, an infinity of its sign may be computed; where both are, NaN.
  package func dot(
    _ a: some Collection<Tracked>, _ b: some Collection<Tracked>, bias: Tracked? = nil, inherited: Double? = nil
  ) -> Tracked {
    if let sums {
      return summing.total(
        zip(a, b).map { rounded(product($0, $1), to: sums) }, and: bias.map { rounded($0, to: sums) })
    }
    // A loop over collections of unknown type costs as much as its arithmetic.
    let (a, b) = (Array(a), Array(b))
    if replaysSums { return replayedDot(a, b, bias: bias) ?? unreplayed.dot(a, b, bias: bias, inherited: inherited) }
    var sum = SumBound(a, b, bias: bias)
    if let inherited, !sum.isOutside { sum.inherited = inherited }
    let bound = bounded(sum)
    // The inherited error is that of all terms together.
    if inherited != nil && partials == nil { return bound }
    return narrowed(bound) { ordered(zip(a, b).map { product($0, $1) }, and: bias) }
  }

  /// The sum that `sum` describes, with what its roundings add; outside the domain where parts of it are rounded to another format.
  func bounded(_ sum: SumBound) -> Tracked {
    if sum.isOutside { return .outside }
    let exact = Tracked(lower: sum.lower, upper: sum.upper, error: sum.inherited, specials: sum.specials)
    if sum.count == 0 || !exact.isReal { return exact }
    if partials != nil { return .outside }
    if isExact(sum) { return exact }
    // A single term is rounded once, at the spacing of its own binade.
    if sum.count == 1 && sum.hasProducts { return rounded(exact, to: accumulation) }
    guard let step = step(sum) else { return .outside }
    let moved = exact.widened(by: step)
    return overflowing(moved, sum, step: step, in: accumulation)
  }

  /// `moved`, of which each partial sum lies between those of the negative and of the positive terms of `sum`, by at most `step`.
  func overflowing(_ moved: Tracked, _ sum: SumBound, step: Double, in format: FloatFormat) -> Tracked {
    guard Outward.sumUp(sum.absolute, step) > format.greatest else { return moved }
    let beyond = (
      plus: Outward.sumUp(sum.positive, step) > format.greatest,
      minus: Outward.sumUp(sum.negative, step) > format.greatest
    )
    let result = beyond.plus || beyond.minus ? overflowing(moved, beyond, in: format) : moved
    return result.specials.isSuperset(of: .infinities) ? result.joined(.nan) : result
  }

  /// The most that roundings move the sum of `terms` products by, whose magnitudes add up to at most `absolute`, in the
  /// model's order; `nil` where nothing bounds it.
  package func roundings(ofProducts terms: Int, addingUpTo absolute: Double) -> Double? {
    partials == nil && sums == nil ? step(SumBound(products: terms, absolute: absolute)) : nil
  }

  /// The most that roundings move `sum` by; `nil` where nothing bounds it.
  private func step(_ sum: SumBound) -> Double? {
    let underflow =
      sum.mayUnderflow(accumulation)
      ? Outward.productUp(Double(sum.count), accumulation.halfLeast * (isFaithful ? 2 : 1)) : 0
    guard let factor = relativeError(sum) else { return nil }
    let step = Outward.sumUp(
      Outward.productUp(factor, Outward.sumUp(sum.absolute, underflow)), underflow)
    guard flushesToZero else { return step }
    let flushed = Outward.productUp(Double(2 * sum.count), accumulation.leastNormal)
    return Outward.sumUp(step, Outward.productUp(flushed, Outward.sumUp(1, factor)))
  }

  /// Whether every partial sum is a number of the format, and none is flushed.
  private func isExact(_ sum: SumBound) -> Bool {
    guard let leastBit = sum.leastBit else { return false }
    let isHeld =
      leastBit >= accumulation.leastExponent
      && sum.absolute <= min(FloatFormat.power(min(leastBit + accumulation.precision, 1000)), accumulation.greatest)
    return isHeld && (!flushesToZero || FloatFormat.power(leastBit) >= accumulation.leastNormal)
  }

  /// A bound of the roundings of a sum, relative to the sum of magnitudes.
  private func relativeError(_ sum: SumBound) -> Double? {
    let roundings = sum.count - (sum.hasProducts ? 0 : 1)
    let anyOrder = Outward.productUp(Outward.productUp(Double(roundings), unit), 1 + unit)
    let depth = depth(terms: sum.terms) - (sum.hasProducts ? 0 : 1) + (sum.hasBias ? 1 : 0)
    let deepest = gamma(min(depth, roundings))
    if isFaithful || flushesToZero { return deepest }
    return min(anyOrder, deepest ?? .infinity)
  }

  /// γ_d = d·u/(1 − d·u); `nil` from d·u = 1 on, where it is no bound.
  package func gamma(_ roundings: Int) -> Double? {
    // Exact: a count below 2⁵³ times a power of two.
    let product = Double(roundings) * unit
    guard product < 1 else { return nil }
    return Outward.quotientUp(product, Outward.sumDown(1, -product))
  }

  /// The most roundings that any of `terms` products passes through, its own included.
  private func depth(terms: Int) -> Int {
    let part = (terms + splits - 1) / splits
    func levels(_ count: Int) -> Int { count > 1 ? Int.bitWidth - (count - 1).leadingZeroBitCount : 0 }
    let inner =
      switch order {
      case .any: part
      // A lane rounds each of its products or additions, whichever is more; then the lanes are added pairwise.
      case .lanes(let lanes): (part + lanes - 1) / lanes + levels(lanes)
      case .tree: 1 + levels(part)
      case .blocks(let size): min(part, size) + (part + size - 1) / size - 1
      }
    return inner + min(splits, terms) - 1
  }
}
