import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference

/// Balls as an arithmetic: the exact value of any formula, to about so many bits.
///
/// *Error bound*: every number encloses the exact one. Sums, products and their sums are exact, and each result is then
/// rounded to `precision` bits, which leaves an exact one exact where it has no more. A function that is not defined on the
/// whole of a ball, or a quotient by one that holds 0, leaves its number, and all that is made of it, unknown.
package struct BallContext: ArithmeticContext {
  /// The bits of midpoints.
  package let precision: Int

  package init(precision: Int) { self.precision = precision }

  private func rounded(_ ball: Ball) -> Ball { ball.rounded(to: precision) }
}

// Numbers. Nothing is stored or rounded between steps, and of formulas in use, which are all exact alike, the first is taken.
extension BallContext {
  package func read(_ value: Float, within relativeError: Double) -> ExactNumber {
    guard let point = Rational(exactly: value) else { return Self.notFinite }
    guard let part = Rational(exactly: relativeError) else { return Self.notFinite }
    return .ball(Ball(midpoint: point, radius: point.magnitude * part))
  }

  private static var notFinite: ExactNumber {
    .unknown(.argumentOutsideDomain(function: "a number that is not finite"))
  }

  package func parameter(_ value: Double) -> ExactNumber {
    Rational(exactly: value).map { .ball(Ball($0)) } ?? Self.notFinite
  }

  package func constant(_ value: Double) -> ExactNumber {
    guard let lower = Rational(exactly: value.nextDown), let upper = Rational(exactly: value.nextUp) else {
      return Self.notFinite
    }
    return .ball(Ball(lower: lower, upper: upper))
  }

  package func constant(_ real: RealConstant) -> ExactNumber {
    let working = precision + 8
    let turn = Ball(2) * Ball.pi(precision: working)
    let value = ExactNumber.zero.map { _ throws(EnclosureError) in
      switch real {
      case .rootOfHalf: try Ball.reciprocalSquareRoot(Ball(2), precision: working)
      case .overPowerOfTen(let exponent): Ball(Rational(1, over: Integer(10).power(exponent)))
      case .rootOfTwo: try Ball.squareRoot(Ball(2), precision: working)
      case .rootOfTwoOverPi: try Ball(2) * Ball.reciprocalSquareRoot(turn, precision: working)
      case .greatestDensity: try Ball.reciprocalSquareRoot(turn, precision: working)
      case .turn: turn
      case .decimal(let numerator, let denominator): Ball(Rational(Integer(numerator), over: Integer(denominator)))
      }
    }
    return value.map { rounded($0) }
  }

  package func exact(_ value: Double) -> ExactNumber { parameter(value) }
  package var hidden: ExactNumber { .unknown(.argumentOutsideDomain(function: "a position that a mask hides")) }

  package func stored(_ x: ExactNumber) -> ExactNumber { x }
  package func tabled(_ x: ExactNumber) -> ExactNumber { x }
  package func factor(_ x: ExactNumber) -> ExactNumber { x }
  package func result(_ x: ExactNumber) -> ExactNumber { x }
  package func oneOf(_ first: ExactNumber, _ second: () -> ExactNumber) -> ExactNumber { first }
  package func oneOf(
    _ first: ArraySlice<ExactNumber>, _ second: () -> ArraySlice<ExactNumber>
  ) -> ArraySlice<ExactNumber> { first }
}

// Operations.
extension BallContext {
  package func negated(_ x: ExactNumber) -> ExactNumber { x.map { -$0 } }

  package func sum(_ a: ExactNumber, _ b: ExactNumber) -> ExactNumber {
    ExactNumber.hugeSum(a, b) ?? a.with(b) { rounded($0 + $1) }
  }

  package func product(_ a: ExactNumber, _ b: ExactNumber) -> ExactNumber {
    ExactNumber.hugeProduct(a, b) ?? a.with(b) { rounded($0 * $1) }
  }

  package func quotient(_ a: ExactNumber, _ b: ExactNumber) -> ExactNumber {
    ExactNumber.hugeQuotient(a, b)
      ?? a.with(b) { a, b throws(EnclosureError) in try a.divided(by: b, precision: precision) }
  }

  package func quotientOrReciprocal(_ a: ExactNumber, _ b: ExactNumber) -> ExactNumber { quotient(a, b) }
  package func rectified(_ x: ExactNumber) -> ExactNumber { x.map { Ball.max($0, .zero) } }

  package func kept(_ x: ExactNumber, upTo limit: Double) -> ExactNumber {
    guard let limit = Rational(exactly: limit) else { return .unknown(.argumentOutsideDomain(function: "a limit")) }
    return x.map { Ball.min($0, Ball(limit)) }
  }

  package func scales(of greatest: ExactNumber, _ rule: ScaleRule) -> [ExactNumber] {
    guard let ball = greatest.ball else { return [greatest] }
    let ends = [ball.lower.rounded(to: Double.self, .down), ball.upper.rounded(to: Double.self, .up)].map(rule.scale)
    return [ends[0] == ends[1] ? parameter(ends[0]) : .unknown(.comparisonUndecided(function: "a scale on a grid"))]
  }

  package func gated(_ x: ExactNumber, by opening: ExactNumber) -> ExactNumber {
    if case .huge = opening { return x }
    guard let ball = opening.ball else { return opening }
    if ball.lower.signum() > 0 { return x }
    return ball.upper.signum() <= 0 ? .zero : .unknown(.comparisonUndecided(function: "gated"))
  }

  package func squareRoot(_ x: ExactNumber) -> ExactNumber {
    x.map { x throws(EnclosureError) in try Ball.squareRoot(x, precision: precision) }
  }

  package func squareRoot(ofSquares squares: ExactNumber) -> ExactNumber { squareRoot(squares) }

  package func reciprocalSquareRoot(_ x: ExactNumber) -> ExactNumber {
    x.map { x throws(EnclosureError) in try Ball.reciprocalSquareRoot(x, precision: precision) }
  }

  package func reciprocalRoot(ofMeanSquare meanSquare: ExactNumber, plus epsilon: ExactNumber) -> ExactNumber {
    reciprocalSquareRoot(sum(meanSquare, epsilon))
  }

  package func reciprocalRoot(ofCount count: Int) -> ExactNumber { reciprocalSquareRoot(exact(Double(count))) }

  /// *Error bound*: from 2¹⁶ on, e^x > 2⁹⁴⁵⁴⁷, as log₂ e > 1.44269.
  package func exponential(_ x: ExactNumber) -> ExactNumber {
    if case .huge = x { return .huge(exponent: 94_547) }
    if let ball = x.ball, ball.lower >= Rational(1 << 16) { return .huge(exponent: 94_547) }
    return x.map { x throws(EnclosureError) in try Ball.exp(x, precision: precision) }
  }

  package func logarithm(_ x: ExactNumber) -> ExactNumber {
    x.map { x throws(EnclosureError) in try Ball.log(x, precision: precision) }
  }

  /// e^(exponent · log base).
  package func power(_ base: ExactNumber, _ exponent: ExactNumber) -> ExactNumber {
    exponential(product(exponent, logarithm(base)))
  }

  package func hyperbolicTangent(_ x: ExactNumber) -> ExactNumber { x.map { Ball.tanh($0, precision: precision) } }
  package func errorFunction(_ x: ExactNumber) -> ExactNumber { x.map { Ball.erf($0, precision: precision) } }

  /// 2σ(2x), in which nothing cancels.
  package func onePlusHyperbolicTangent(_ x: ExactNumber) -> ExactNumber {
    x.map { rounded(Ball(2) * Ball.sigmoid($0.scaled(byPowerOfTwo: 1), precision: precision + 2)) }
  }

  /// 1 + erf x, for negative x with as many bits more as are left of it down to 2⁻¹⁹².
  package func onePlusErrorFunction(_ x: ExactNumber) -> ExactNumber {
    x.map { x in
      rounded(Ball(1) + Ball.erf(x, precision: precision + (x.midpoint.signum() < 0 ? 192 : 0)))
    }
  }

  package func sine(_ x: ExactNumber) -> ExactNumber { x.map { Ball.sin($0, precision: precision) } }
  package func cosine(_ x: ExactNumber) -> ExactNumber { x.map { Ball.cos($0, precision: precision) } }
}

// Rows.
extension BallContext {
  package func total(_ terms: ArraySlice<ExactNumber>) -> ExactNumber {
    if terms.contains(where: { $0.ball == nil }) { return terms.reduce(.zero, sum) }
    var total = BallSum()
    for case .ball(let term) in terms { total.add(term) }
    return .ball(rounded(total.value))
  }

  package func dot(
    _ a: ArraySlice<ExactNumber>, _ b: ArraySlice<ExactNumber>, bias: ExactNumber?
  ) -> ExactNumber {
    var total = BallSum()
    for pair in zip(a, b) {
      guard case (.ball(let first), .ball(let second)) = pair else {
        return zip(a, b).map { product($0, $1) }.reduce(bias ?? .zero, sum)
      }
      total.addProduct(first, second)
    }
    let products = ExactNumber.ball(rounded(total.value))
    return bias.map { sum(products, $0) } ?? products
  }

  /// *Edge cases*: a mean of numbers that are known exactly is a quotient of whole numbers, so that a row's deviations from
  /// it are 0 where they are.
  package func mean(_ row: ArraySlice<ExactNumber>) -> ExactNumber {
    var sum = BallSum()
    for case .ball(let term) in row { sum.add(term) }
    guard !row.isEmpty, !row.contains(where: { $0.ball == nil }) else {
      return quotient(total(row), exact(Double(row.count)))
    }
    return .ball(
      Ball(midpoint: sum.value.midpoint / Rational(row.count), radius: sum.value.radius / Rational(row.count)))
  }

  package func isZero(_ row: ArraySlice<ExactNumber>) -> Bool {
    row.allSatisfy { $0.ball.map { $0.isExact && $0.midpoint.isZero } ?? false }
  }

  package func greatest(_ row: ArraySlice<ExactNumber>) -> ExactNumber? {
    guard let first = row.first else { return nil }
    return row.dropFirst().reduce(first) { $0.with($1) { Ball.max($0, $1) } }
  }

  /// *Error bound*: what is subtracted is the element whose midpoint is the greatest, of which 0 is left: any other would do.
  package func lessGreatest(_ row: ArraySlice<ExactNumber>) -> [ExactNumber] {
    guard let top = row.indices.max(by: { (row[$0].ball?.midpoint ?? 0) < (row[$1].ball?.midpoint ?? 0) }) else {
      return []
    }
    return row.indices.map { $0 == top ? .zero : sum(row[$0], negated(row[top])) }
  }

  package func map<Element: Sendable>(_ count: Int, _ transform: @Sendable (Int) -> Element) -> [Element] {
    concurrentMap(count, transform)
  }
}
