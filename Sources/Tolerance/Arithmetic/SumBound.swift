/// The known properties of a sum before it is rounded.
struct SumBound {
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

  /// The sum of `terms`, and of `bias`.
  init(_ terms: [Tracked], bias: Tracked?) {
    for term in terms { add(term) }
    if let bias { add(bias, isBias: true) }
  }

  /// The products of `a` and `b`, and `bias`, which rounds every term once more where it is added to a lane or to the sum.
  init(_ a: [Tracked], _ b: [Tracked], bias: Tracked?) {
    for index in 0..<min(a.count, b.count) { add(a[index], b[index]) }
    if let bias { add(bias, isBias: true) }
  }

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
