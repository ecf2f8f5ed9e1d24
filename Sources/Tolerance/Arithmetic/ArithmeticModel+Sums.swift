extension ArithmeticModel {
  /// The sum of `terms`, in the model's order.
  ///
  /// *Error bound*: as that of a dot product whose products are not rounded.
  public func total(_ terms: some Sequence<Tracked>) -> Tracked {
    let terms = Array(terms)
    if let sums { return summing.total(terms.map { rounded($0, to: sums) }, and: nil) }
    return total(terms, and: nil)
  }

  /// The model whose every result is a number of `sums`.
  private var summing: ArithmeticModel {
    var model = self
    (model.accumulation, model.sums) = (sums ?? accumulation, nil)
    return model
  }

  /// The sum of `terms`, which are numbers of the format, and of `bias`, which is added like one of them or after them.
  private func total(_ terms: [Tracked], and bias: Tracked?) -> Tracked {
    narrowed(anyOrder(terms + (bias.map { [$0] } ?? []))) { ordered(terms, and: bias) }
  }

  /// The sum of `terms`, bounded for every order that the model's is one of.
  func anyOrder(_ terms: [Tracked]) -> Tracked {
    var sum = SumBound()
    for term in terms { sum.add(term) }
    return bounded(sum)
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
  public func dot(
    _ a: some Collection<Tracked>, _ b: some Collection<Tracked>, bias: Tracked? = nil, inherited: Double? = nil
  ) -> Tracked {
    if let sums {
      return summing.total(
        zip(a, b).map { rounded(product($0, $1), to: sums) }, and: bias.map { rounded($0, to: sums) })
    }
    // A loop over collections of unknown type costs as much as its arithmetic.
    let (a, b) = (Array(a), Array(b))
    var sum = SumBound()
    for index in 0..<min(a.count, b.count) { sum.add(a[index], b[index]) }
    // Added to a lane or to the sum, it rounds every term once more.
    if let bias { sum.add(bias, isBias: true) }
    if let inherited, !sum.isOutside { sum.inherited = inherited }
    let bound = bounded(sum)
    // The inherited error is that of all terms together.
    if inherited != nil && partials == nil { return bound }
    return narrowed(bound) { ordered(zip(a, b).map { product($0, $1) }, and: bias) }
  }

  /// The sum that `sum` describes, with what its roundings add; outside the domain where parts of it are rounded to another format.
  private func bounded(_ sum: SumBound) -> Tracked {
    if sum.isOutside { return .outside }
    let exact = Tracked(lower: sum.lower, upper: sum.upper, error: sum.inherited, specials: sum.specials)
    if sum.count == 0 || !exact.isReal { return exact }
    if partials != nil { return .outside }
    if isExact(sum) { return exact }
    // A single term is rounded once, at the spacing of its own binade.
    if sum.count == 1 && sum.hasProducts { return rounded(exact, to: accumulation) }
    guard let step = step(sum) else { return .outside }
    let moved = exact.widened(by: step)
    guard Outward.sumUp(sum.absolute, step) > accumulation.greatest else { return moved }
    let beyond = (
      plus: Outward.sumUp(sum.positive, step) > accumulation.greatest,
      minus: Outward.sumUp(sum.negative, step) > accumulation.greatest
    )
    let result = beyond.plus || beyond.minus ? overflowing(moved, beyond, in: accumulation) : moved
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
    let deepest = gamma(min(depth(terms: sum.terms) + (sum.hasBias ? 1 : 0), roundings))
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

/// The known properties of a sum before it is rounded.
private struct SumBound {
  /// Bounds of the exact sum.
  private(set) var lower = 0.0
  private(set) var upper = 0.0
  /// A bound of the difference between the sums of the computed terms and of the exact ones.
  var inherited = 0.0
  /// An upper bound of the sum of the computed terms' magnitudes.
  private(set) var absolute = 0.0
  /// Upper bounds of the sum of the positive computed terms, and of the negative ones' magnitudes.
  private(set) var positive = 0.0
  private(set) var negative = 0.0
  /// The sums that are not finite, of terms that are not.
  private(set) var specials: Tracked.Specials = []
  /// The number of terms, and of those that may not be 0.
  private(set) var terms = 0
  private(set) var count = 0
  /// Whether some term is a product, which is rounded itself.
  private(set) var hasProducts = false
  /// Whether a term is added beside the order of the others.
  private(set) var hasBias = false
  /// The least bit of all terms, `nil` where one is not known exactly.
  private(set) var leastBit: Int? = .max
  private(set) var isOutside = false

  /// No term.
  init() {}

  /// Some products, of which no more is known than a bound of the sum of their magnitudes.
  init(products: Int, absolute: Double) {
    (terms, count, hasProducts, leastBit) = (products, products, true, nil)
    self.absolute = absolute
    (positive, negative) = (absolute, absolute)
  }

  mutating func add(_ term: Tracked, isBias: Bool = false) {
    if isBias { hasBias = true } else { terms += 1 }
    if term.isFinite && term.reach == 0 { return }
    take(term, reach: term.reach)
    leastBit = term.isExact ? leastBit.map { min($0, FloatFormat.leastBit(of: term.upper)) } : nil
  }

  mutating func add(_ a: Tracked, _ b: Tracked) {
    terms += 1
    if a.isFinite && b.isFinite && (a.reach == 0 || b.reach == 0) { return }
    hasProducts = true
    let product = ArithmeticModel.f32.unrounded(a, b)
    take(product, reach: product.isFinite ? Outward.productUp(a.reach, b.reach) : product.reach)
    leastBit =
      a.isExact && b.isExact
      ? leastBit.map { min($0, FloatFormat.leastBit(of: a.upper) + FloatFormat.leastBit(of: b.upper)) } : nil
  }

  /// Whether a product may be no multiple of the least number.
  func mayUnderflow(_ format: FloatFormat) -> Bool { hasProducts && (leastBit ?? .min) < format.leastExponent }

  /// Adds a term, whose computed magnitude is at most `reach` where it is finite.
  private mutating func take(_ term: Tracked, reach: Double) {
    if term.isOutside { isOutside = true }
    guard !isOutside else { return }
    count += 1
    if !term.isFinite {
      // Infinities of both signs meet in NaN.
      let all = specials.union(term.specials)
      specials = all.isSuperset(of: .infinities) ? .all : all
    }
    lower = Outward.sumDown(lower, term.lower)
    upper = Outward.sumUp(upper, term.upper)
    guard term.isReal else { return }
    inherited = Outward.sumUp(inherited, term.error)
    absolute = Outward.sumUp(absolute, reach)
    if term.lower < term.error { negative = Outward.sumUp(negative, reach) }
    if term.upper > -term.error { positive = Outward.sumUp(positive, reach) }
  }
}
