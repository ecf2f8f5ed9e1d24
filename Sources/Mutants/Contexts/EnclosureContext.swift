import Foundation
import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// The arithmetic of a dump, in which a layer with a bug is computed: each number is an enclosure of the exact one and a
/// bound of its error.
///
/// *Error bound*: each operation's own, from error-tracking arithmetic, for operations in the order in which the formula has
/// them, sums in any that the model allows. The result of an operation may be stored before the next one takes it, as in an
/// engine that runs them one by one.
package struct EnclosureContext: BugContext {
  /// The arithmetic of the dump.
  package let model: ArithmeticModel

  package init(_ model: ArithmeticModel) { self.model = model }

  /// A result that may be stored.
  private func made(_ tracked: Tracked) -> Enclosed { Enclosed(model.stored(tracked).certain) }

  /// `operation` of a number; `function` of one that is not finite.
  private func through(
    _ x: Enclosed, _ function: (Double) -> Double, _ operation: (Tracked) -> Tracked
  ) -> Enclosed {
    if let special = x.special { return .known(function(special)) }
    return made(operation(x.tracked))
  }

  /// The same, where error-tracking arithmetic bounds the error well and the exact number only roughly: that is `enclosed`.
  private func through(
    _ x: Enclosed, _ function: (Double) -> Double, _ operation: (Tracked) -> Tracked,
    enclosed: (_ x: Ball, _ precision: Int) -> Ball
  ) -> Enclosed {
    through(x, function) { x in
      let value = operation(x)
      guard !value.isOutside, let exact = x.ball.map({ enclosed($0, Self.precision) }) else { return value }
      return Tracked(
        lower: max(value.lower, exact.lowerRoundedDown), upper: min(value.upper, exact.upperRoundedUp),
        error: value.error)
    }
  }

  /// The least exponent that the arithmetic's numbers do not have.
  private var hugeExponent: Int { model.accumulation.greatestExponent + 1 }

  /// Bits of working precision for functions whose enclosures in error-tracking arithmetic are wide.
  private static let precision = 80
}

// Numbers.
extension EnclosureContext {
  package func read(_ value: Float, within relativeError: Double) -> Enclosed {
    value.isFinite ? Enclosed(model.read(value + 0, within: relativeError).certain) : Enclosed(special: Double(value))
  }

  package func parameter(_ value: Double) -> Enclosed {
    value.isFinite ? made(model.parameter(value + 0)) : Enclosed(special: value)
  }

  package func constant(_ value: Double) -> Enclosed { made(model.constant(value)) }
  package func exact(_ value: Double) -> Enclosed { .known(value) }
  package var hidden: Enclosed { .hidden }

  // Each result is one that may be stored, in a table too.
  package func stored(_ x: Enclosed) -> Enclosed { x }
  package func tabled(_ x: Enclosed) -> Enclosed { x }
  package func result(_ x: Enclosed) -> Enclosed { x }
  package func onGrid(_ x: Enclosed, _ grid: NumberGrid) -> Enclosed {
    x.special == nil ? Enclosed(model.onGrid(x.tracked, grid).certain) : x
  }
  package func scales(of greatest: Enclosed, _ rule: ScaleRule) -> [Enclosed] {
    guard greatest.special == nil, greatest.tracked.isExact else { return [rising(greatest) { rule.scale($0) }] }
    return [.known(rule.scale(greatest.tracked.upper))]
  }
  package func tabulated(_ x: Enclosed, below limit: Double, _ function: (Enclosed) -> Enclosed) -> Enclosed {
    guard x.special == nil else { return function(x) }
    return Enclosed(model.tabulated(x.tracked, below: limit) { function(Enclosed($0)).tracked }.certain)
  }
  package func uses(_ formula: FormulaName) -> Bool { formula == .table ? model.uses(.table) : !formula.isByNameOnly }
  package func factor(_ x: Enclosed) -> Enclosed { x.special == nil ? Enclosed(model.factor(x.tracked).certain) : x }

  /// The formula that is written first, whose bug it is.
  package func oneOf(_ first: Enclosed, _ second: () -> Enclosed) -> Enclosed { first }
}

// Operations.
extension EnclosureContext {
  package func negated(_ x: Enclosed) -> Enclosed { -x }

  package func sum(_ a: Enclosed, _ b: Enclosed) -> Enclosed {
    if let special = Enclosed.special(a, b, +) { return special }
    if a.isExactly(0) { return b }
    return b.isExactly(0) ? a : made(model.sum(a.tracked, b.tracked))
  }

  package func product(_ a: Enclosed, _ b: Enclosed) -> Enclosed {
    Enclosed.special(a, b, *) ?? made(model.product(a.tracked, b.tracked))
  }

  package func quotient(_ a: Enclosed, _ b: Enclosed) -> Enclosed { quotientOrReciprocal(a, b) }

  package func quotientOrReciprocal(_ a: Enclosed, _ b: Enclosed) -> Enclosed {
    if let special = Enclosed.special(a, b, /) { return special }
    if b.isExactly(1) { return a }
    if b.isExactly(0) && a.tracked.isExact { return .known(a.tracked.upper / 0) }
    return made(model.quotientOrReciprocal(a.tracked, b.tracked))
  }

  package func gated(_ x: Enclosed, by opening: Enclosed) -> Enclosed {
    either(isAbove(opening, 0), { x }, { .known(0) })
  }

  package func rectified(_ x: Enclosed) -> Enclosed { rising(x) { max(0, $0) } }
  package func kept(_ x: Enclosed, upTo limit: Double) -> Enclosed { rising(x) { $0 > limit ? limit : $0 } }
  package func squareRoot(_ x: Enclosed) -> Enclosed { through(x, { $0.squareRoot() }) { model.squareRoot($0) } }

  package func squareRoot(ofSquares squares: Enclosed) -> Enclosed {
    through(squares, { $0.squareRoot() }, model.squareRoot(ofSquares:))
  }

  package func reciprocalSquareRoot(_ x: Enclosed) -> Enclosed {
    x.isExactly(0) ? .known(.infinity) : through(x, { 1 / $0.squareRoot() }) { model.reciprocalSquareRoot($0) }
  }

  package func reciprocalRoot(ofMeanSquare meanSquare: Enclosed, plus epsilon: Enclosed) -> Enclosed {
    reciprocalSquareRoot(sum(meanSquare, epsilon))
  }

  package func reciprocalRoot(ofCount count: Int) -> Enclosed { Enclosed(model.reciprocalRoot(ofCount: count)) }

  package func exponential(_ x: Enclosed) -> Enclosed {
    // For x > 0, e^x > 2^(1.4426·x). What is computed is that but for some ulps, of which 2^(p − 2) are at most a half.
    let isNear =
      model.functions == nil
      && model.elementaryUlps <= Double(sign: .plus, exponent: model.accumulation.precision - 2, significand: 1)
    let least = min(x.tracked.lower, x.tracked.computed.lower)
    if x.special == nil, isNear, 1.4426 * least > Double(hugeExponent + 1) { return .huge }
    return through(x, exp, model.exponential)
  }

  package func exponentialOfTwo(_ x: Enclosed) -> Enclosed {
    // log 2, as the Double next to it.
    if let special = x.special { return .known(exp2(special)) }
    return exponential(made(model.product(x.tracked, model.constant(0x1.62E42FEFA39EFp-1))))
  }

  package func logarithm(_ x: Enclosed) -> Enclosed {
    x.isExactly(0) ? .known(-.infinity) : through(x, log, model.logarithm)
  }

  package func hyperbolicTangent(_ x: Enclosed) -> Enclosed {
    through(x, tanh, model.hyperbolicTangent, enclosed: Ball.tanh)
  }

  package func errorFunction(_ x: Enclosed) -> Enclosed { through(x, erf, model.errorFunction, enclosed: Ball.erf) }

  package func sine(_ x: Enclosed) -> Enclosed {
    through(x, sin, { model.tabled(model.sineAndCosine($0).sine) }, enclosed: Ball.sin)
  }

  package func cosine(_ x: Enclosed) -> Enclosed {
    through(x, cos, { model.tabled(model.sineAndCosine($0).cosine) }, enclosed: Ball.cos)
  }

  /// base^exponent, or the reciprocal of base^(−exponent).
  package func power(_ base: Enclosed, _ exponent: Enclosed) -> Enclosed {
    let power = product(exponent, logarithm(base))
    let inverse = quotientOrReciprocal(.known(1), exponential(-power))
    return Enclosed(exponential(power).tracked.orAs(inverse.tracked))
  }
}

// Rows.
extension EnclosureContext {
  package func total(_ terms: ArraySlice<Enclosed>) -> Enclosed {
    if terms.contains(where: { $0.special != nil }) { return terms.reduce(.known(0), sum) }
    return made(model.total(terms.lazy.map(\.tracked)))
  }

  package func dot(_ a: ArraySlice<Enclosed>, _ b: ArraySlice<Enclosed>, bias: Enclosed?) -> Enclosed {
    dot(a, b, bias: bias) { model.dot($0, $1, bias: $2) }
  }

  package func matrixDot(_ a: ArraySlice<Enclosed>, _ b: ArraySlice<Enclosed>, bias: Enclosed?) -> Enclosed {
    dot(a, b, bias: bias) { model.matrixDot($0, $1, bias: $2) }
  }

  private func dot(
    _ a: ArraySlice<Enclosed>, _ b: ArraySlice<Enclosed>, bias: Enclosed?,
    _ tracked: (_ a: [Tracked], _ b: [Tracked], _ bias: Tracked?) -> Tracked
  ) -> Enclosed {
    if bias?.special != nil || zip(a, b).contains(where: { $0.special != nil || $1.special != nil }) {
      return zip(a, b).reduce(bias ?? .known(0)) { sum($0, product($1.0, $1.1)) }
    }
    return made(tracked(a.map(\.tracked), b.map(\.tracked), bias?.isExactly(0) == true ? nil : bias?.tracked))
  }

  package func lessGreatest(_ row: ArraySlice<Enclosed>) -> [Enclosed] {
    let greatest = greatest(row) ?? .known(0)
    return row.map { sum($0, -greatest) }
  }

  package func isZero(_ row: ArraySlice<Enclosed>) -> Bool { row.allSatisfy { $0.isExactly(0) } }

  package func map<Element: Sendable>(_ count: Int, _ transform: @Sendable (Int) -> Element) -> [Element] {
    model.map(count, transform)
  }
}

// The operations that only bugs have.
extension EnclosureContext {
  package func magnitude(_ x: Enclosed) -> Enclosed {
    if let special = x.special { return .known(special.magnitude) }
    if x.tracked.lower >= 0 { return x }
    if x.tracked.upper <= 0 { return -x }
    return Enclosed(Tracked(lower: 0, upper: x.tracked.magnitude, error: x.tracked.error))
  }

  /// *Error bound*: what is exact lies between the function's values at the ends of the enclosure, what is computed between
  /// those at the ends of what may be computed: they are apart by at most the greatest distance of these; a subnormal
  /// value may be flushed.
  package func rising(_ x: Enclosed, _ function: (Double) -> Double) -> Enclosed {
    if let special = x.special { return .known(function(special)) }
    if x.isHuge {
      let least = function(Double(sign: .plus, exponent: hugeExponent, significand: 1))
      return least == function(.infinity) ? .known(least) : .outside
    }
    if x.tracked.isOutside { return x }
    let computed = x.tracked.computed
    guard computed.lower.isFinite, computed.upper.isFinite else { return .outside }
    let exact = (lower: function(x.tracked.lower), upper: function(x.tracked.upper))
    let reached = (
      lower: min(exact.lower, function(computed.lower)), upper: max(exact.upper, function(computed.upper))
    )
    let isKnown = reached.lower == reached.upper && !reached.lower.isFinite
    return isKnown ? .known(exact.lower) : spread(exact: exact, computed: reached)
  }

  private func spread(
    exact: (lower: Double, upper: Double), computed: (lower: Double, upper: Double)
  ) -> Enclosed {
    let error = max(
      Outward.sumUp(computed.upper, -exact.lower), Outward.sumUp(exact.upper, -computed.lower), 0)
    // An error that is not finite puts the number outside the domain.
    let value = Tracked(lower: exact.lower, upper: exact.upper, error: error)
    return made(model.flushesToZero ? model.underflowing(value, times: 1) : value)
  }

  /// *Error bound*: the greatest of the numbers' errors, as no greatest of two moves by more than both do.
  package func greatest(_ numbers: ArraySlice<Enclosed>) -> Enclosed? {
    if numbers.contains(where: { $0.special?.isNaN ?? $0.tracked.isOutside }) { return .outside }
    if let infinite = numbers.first(where: { $0.special == .infinity }) { return infinite }
    let finite = numbers.filter { $0.special == nil }.map(\.tracked)
    guard let first = finite.first else { return numbers.first }
    return Enclosed(
      finite.dropFirst().reduce(first) {
        Tracked(lower: max($0.lower, $1.lower), upper: max($0.upper, $1.upper), error: max($0.error, $1.error))
      })
  }

  /// Nothing is known of the others where it is not known which is the greatest.
  package func withoutGreatest(_ numbers: ArraySlice<Enclosed>) -> [Enclosed] {
    let known = numbers.indices.first { index in
      numbers.indices.allSatisfy { other in
        let (a, b) = (numbers[index], numbers[other])
        return index == other || b.special == -.infinity
          || a.special == nil && b.special == nil && a.tracked.lower >= b.tracked.upper
            && a.tracked.computed.lower >= b.tracked.computed.upper
      }
    }
    guard let known else { return numbers.dropFirst().map { _ in .outside } }
    return numbers.indices.filter { $0 != known }.map { numbers[$0] }
  }

  package func isAbove(_ x: Enclosed, _ limit: Double) -> Bool? {
    if let special = x.special { return special > limit }
    let computed = x.tracked.computed
    if min(computed.lower, x.tracked.lower) > limit { return true }
    return max(computed.upper, x.tracked.upper) <= limit ? false : nil
  }

  package func either(_ isFirst: Bool?, _ first: () -> Enclosed, _ second: () -> Enclosed) -> Enclosed {
    if let isFirst { return isFirst ? first() : second() }
    let (a, b) = (first().tracked, second().tracked)
    if a.isOutside || b.isOutside { return .outside }
    return spread(
      exact: (min(a.lower, b.lower), max(a.upper, b.upper)),
      computed: (min(a.computed.lower, b.computed.lower), max(a.computed.upper, b.computed.upper)))
  }
}
