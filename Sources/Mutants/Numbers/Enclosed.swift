import PlumbExact
import PlumbTolerance

/// A number of a layer with a bug, computed in the arithmetic of a dump: an enclosure of the exact one and a bound of its
/// error, or a value that is not finite.
///
/// *Error bound*: each operation's own, from error-tracking arithmetic, for operations in the order in which the layer's
/// plain form has them, sums in any that the model allows. What an operation gives may be stored before the next one takes it,
/// as in an engine that runs them one by one.
package struct Enclosed {
  /// The arithmetic that the numbers are computed in.
  ///
  /// Operators have no other way to it: a number that held its arithmetic would be ten times its size.
  @TaskLocal static var arithmetic = ArithmeticModel.f32

  /// What is known of the number where it is finite; nothing where it is not.
  package let tracked: Tracked
  /// An infinity or NaN, where both the exact and the computed number are that.
  package let special: Double?

  /// Whether the exact number is finite and above 2^(E + 1), where E is the greatest exponent of the arithmetic, and the
  /// computed one too, or infinite.
  private let isHuge: Bool

  package init(_ tracked: Tracked) { self.init(tracked, special: nil, isHuge: false) }

  package init(special: Double) { self.init(.outside, special: special, isHuge: false) }

  private init(_ tracked: Tracked, special: Double?, isHuge: Bool) {
    self.tracked = tracked
    self.special = special
    self.isHuge = isHuge
  }

  /// A result that may be stored.
  private static func made(_ tracked: Tracked) -> Enclosed { Enclosed(arithmetic.stored(tracked)) }

  /// The number `value`, exactly.
  private static func known(_ value: Double) -> Enclosed {
    // Adding 0 makes +0 of −0.
    value.isFinite ? Enclosed(Tracked(value + 0)) : Enclosed(special: value)
  }

  /// A score that a mask excludes.
  package static let hidden = Enclosed(special: -.infinity)

  private static let outside = Enclosed(Tracked.outside)

  private func isExactly(_ value: Double) -> Bool { tracked.isExact && tracked.upper == value }

  /// The signs that the number may have, each with some number of that sign.
  private var samples: [Double] {
    if let special { return [special] }
    if tracked.isExact { return [tracked.upper] }
    let (lower, upper) = tracked.computed
    let ends = [min(lower, tracked.lower), max(upper, tracked.upper)]
    return ends[0] <= 0 && ends[1] >= 0 ? ends + [0] : ends
  }

  /// `operation` of two numbers of which one is not finite, which then depends on the other's sign at most; `nil` where
  /// both are finite.
  private static func special(
    _ a: Enclosed, _ b: Enclosed, _ operation: (Double, Double) -> Double
  ) -> Enclosed? {
    guard a.special != nil || b.special != nil else { return nil }
    guard !(a.special == nil && a.tracked.isOutside), !(b.special == nil && b.tracked.isOutside) else { return outside }
    let results = a.samples.flatMap { a in b.samples.map { operation(a, $0) } }
    let isOne = results.allSatisfy { $0 == results[0] } || results.allSatisfy(\.isNaN)
    return isOne ? known(results[0]) : outside
  }

  /// `operation` of a number; `function` of one that is not finite.
  private func through(
    _ function: (Double) -> Double, _ operation: (ArithmeticModel, Tracked) -> Tracked
  ) -> Enclosed {
    if let special { return .known(function(special)) }
    return .made(operation(Self.arithmetic, tracked))
  }

  /// The same, where error-tracking arithmetic bounds the error well and the exact number only roughly: that is `enclosed`.
  private func through(
    _ function: (Double) -> Double, _ operation: (ArithmeticModel, Tracked) -> Tracked,
    enclosed: (_ x: Ball, _ precision: Int) -> Ball
  ) -> Enclosed {
    through(function) { model, x in
      let value = operation(model, x)
      guard !value.isOutside, let exact = x.ball.map({ enclosed($0, Self.precision) }) else { return value }
      return Tracked(
        lower: max(value.lower, exact.lowerRoundedDown), upper: min(value.upper, exact.upperRoundedUp),
        error: value.error)
    }
  }

  /// The least exponent that the arithmetic's numbers do not have.
  private static var hugeExponent: Int { arithmetic.accumulation.greatestExponent + 1 }

  /// Bits of working precision for functions whose enclosures in error-tracking arithmetic are wide.
  private static let precision = 80

}

extension Enclosed: PlainNumber {
  package init(_ value: Double) {
    self = value.isFinite ? .made(Self.arithmetic.parameter(value + 0)) : Enclosed(special: value)
  }

  package init(floatLiteral value: Double) { self.init(value) }
  package init(integerLiteral value: Int) { self.init(Double(value)) }

  /// *Error bound*: with a `relativeError`, the layer has the exact number or one rounding of it.
  package static func read(_ value: Float, within relativeError: Double) -> Enclosed {
    guard value.isFinite else { return Enclosed(special: Double(value)) }
    if relativeError == 0 { return Enclosed(arithmetic.read(value + 0)) }
    let reach = Outward.productUp(Double(value.magnitude), relativeError)
    let exact = Tracked(
      lower: Outward.sumDown(Double(value), -reach), upper: Outward.sumUp(Double(value), reach), error: 0)
    return made(arithmetic.sum(exact, Tracked(0)))
  }

  package static prefix func - (x: Enclosed) -> Enclosed { x.special.map { .known(-$0) } ?? Enclosed(-x.tracked) }

  package static func + (a: Enclosed, b: Enclosed) -> Enclosed {
    if let special = special(a, b, +) { return special }
    if a.isExactly(0) { return b }
    return b.isExactly(0) ? a : made(arithmetic.sum(a.tracked, b.tracked))
  }

  package static func - (a: Enclosed, b: Enclosed) -> Enclosed { a + -b }

  package static func * (a: Enclosed, b: Enclosed) -> Enclosed {
    special(a, b, *) ?? made(arithmetic.product(a.tracked, b.tracked))
  }

  package static func / (a: Enclosed, b: Enclosed) -> Enclosed {
    if let special = special(a, b, /) { return special }
    if b.isExactly(1) { return a }
    if b.isExactly(0) && a.tracked.isExact { return known(a.tracked.upper / 0) }
    return made(arithmetic.quotientOrReciprocal(a.tracked, b.tracked))
  }

  package func squareRoot() -> Enclosed { through({ $0.squareRoot() }) { $0.squareRoot($1) } }

  package func reciprocalSquareRoot() -> Enclosed {
    isExactly(0) ? .known(.infinity) : through({ 1 / $0.squareRoot() }) { $0.reciprocalSquareRoot($1) }
  }

  package func exponential() -> Enclosed {
    // For x > 0, e^x > 2^(1.4426·x). What is computed is that but for some ulps, of which 2^(p − 2) are at most a half.
    let model = Self.arithmetic
    let isNear = model.elementaryUlps <= Double(sign: .plus, exponent: model.accumulation.precision - 2, significand: 1)
    if special == nil, isNear, 1.4426 * min(tracked.lower, tracked.computed.lower) > Double(Self.hugeExponent + 1) {
      return Enclosed(.outside, special: nil, isHuge: true)
    }
    return through({ $0.exponential() }) { $0.exponential($1) }
  }

  package func exponentialOfTwo() -> Enclosed {
    // log 2, as the Double next to it.
    if let special { return .known(special.exponentialOfTwo()) }
    return Enclosed.made(Self.arithmetic.product(tracked, Self.arithmetic.constant(0x1.62E42FEFA39EFp-1))).exponential()
  }

  package func logarithm() -> Enclosed {
    isExactly(0) ? .known(-.infinity) : through({ $0.logarithm() }) { $0.logarithm($1) }
  }

  package func hyperbolicTangent() -> Enclosed {
    through({ $0.hyperbolicTangent() }, { $0.hyperbolicTangent($1) }, enclosed: Ball.tanh)
  }

  package func errorFunction() -> Enclosed {
    through({ $0.errorFunction() }, { $0.errorFunction($1) }, enclosed: Ball.erf)
  }

  package func sine() -> Enclosed {
    through({ $0.sine() }, { $0.tabled($0.sineAndCosine($1).sine) }, enclosed: Ball.sin)
  }

  package func cosine() -> Enclosed {
    through({ $0.cosine() }, { $0.tabled($0.sineAndCosine($1).cosine) }, enclosed: Ball.cos)
  }

  /// base^exponent, or the reciprocal of base^(−exponent).
  package static func power(_ base: Enclosed, _ exponent: Enclosed) -> Enclosed {
    let power = exponent * base.logarithm()
    let inverse = 1 / (-power).exponential()
    return Enclosed(power.exponential().tracked.orAs(inverse.tracked))
  }

  /// Each result is one that may be stored.
  package func nearest() -> Enclosed { self }

  package var magnitude: Enclosed {
    if let special { return .known(special.magnitude) }
    if tracked.lower >= 0 { return self }
    if tracked.upper <= 0 { return -self }
    return Enclosed(Tracked(lower: 0, upper: tracked.magnitude, error: tracked.error))
  }

  /// *Error bound*: what is exact lies between the function's values at the ends of the enclosure, what is computed between
  /// those at the ends of what may be computed: they are apart by at most the greatest distance of these; a subnormal
  /// value may be flushed.
  package func rising(_ function: (Double) -> Double) -> Enclosed {
    if let special { return .known(function(special)) }
    if isHuge {
      let least = function(Double(sign: .plus, exponent: Self.hugeExponent, significand: 1))
      return least == function(.infinity) ? .known(least) : .outside
    }
    if tracked.isOutside { return self }
    let computed = tracked.computed
    guard computed.lower.isFinite, computed.upper.isFinite else { return .outside }
    let exact = (lower: function(tracked.lower), upper: function(tracked.upper))
    let reached = (
      lower: min(exact.lower, function(computed.lower)), upper: max(exact.upper, function(computed.upper))
    )
    let isKnown = reached.lower == reached.upper && !reached.lower.isFinite
    return isKnown ? .known(exact.lower) : Self.spread(exact: exact, computed: reached)
  }

  private static func spread(
    exact: (lower: Double, upper: Double), computed: (lower: Double, upper: Double)
  ) -> Enclosed {
    let error = max(
      Outward.sumUp(computed.upper, -exact.lower), Outward.sumUp(exact.upper, -computed.lower), 0)
    // What is not finite has no error that a number would be.
    let value = Tracked(lower: exact.lower, upper: exact.upper, error: error)
    return made(arithmetic.flushesToZero ? arithmetic.underflowing(value, times: 1) : value)
  }

  /// *Error bound*: the greatest of the numbers' errors, as no greatest of two moves by more than both do.
  package static func greatest(_ numbers: some Sequence<Enclosed>) -> Enclosed? {
    let all = Array(numbers)
    if all.contains(where: { $0.special?.isNaN ?? $0.tracked.isOutside }) { return outside }
    if let infinite = all.first(where: { $0.special == .infinity }) { return infinite }
    let finite = all.filter { $0.special == nil }.map(\.tracked)
    guard let first = finite.first else { return all.first }
    return Enclosed(
      finite.dropFirst().reduce(first) {
        Tracked(lower: max($0.lower, $1.lower), upper: max($0.upper, $1.upper), error: max($0.error, $1.error))
      })
  }

  package func isAbove(_ limit: Double) -> Bool? {
    if let special { return special > limit }
    let computed = tracked.computed
    if min(computed.lower, tracked.lower) > limit { return true }
    return max(computed.upper, tracked.upper) <= limit ? false : nil
  }

  package static func either(
    _ isFirst: Bool?, _ first: @autoclosure () -> Enclosed, _ second: @autoclosure () -> Enclosed
  ) -> Enclosed {
    if let isFirst { return isFirst ? first() : second() }
    let (a, b) = (first().tracked, second().tracked)
    if a.isOutside || b.isOutside { return outside }
    return spread(
      exact: (min(a.lower, b.lower), max(a.upper, b.upper)),
      computed: (min(a.computed.lower, b.computed.lower), max(a.computed.upper, b.computed.upper)))
  }

  package static func sum(_ terms: some Sequence<Enclosed>, from start: Enclosed) -> Enclosed {
    let all = (start.isExactly(0) ? [] : [start]) + terms
    if all.contains(where: { $0.special != nil }) { return all.reduce(0, +) }
    return made(arithmetic.total(all.map(\.tracked)))
  }

  package static func dot(
    _ a: some Collection<Enclosed>, _ b: some Collection<Enclosed>, from start: Enclosed
  ) -> Enclosed {
    if start.special != nil || zip(a, b).contains(where: { $0.special != nil || $1.special != nil }) {
      return zip(a, b).reduce(start) { $0 + $1.0 * $1.1 }
    }
    let model = arithmetic
    return made(
      model.dot(
        a.map { model.factor($0.tracked) }, b.map { model.factor($0.tracked) },
        bias: start.isExactly(0) ? nil : start.tracked))
  }
}
