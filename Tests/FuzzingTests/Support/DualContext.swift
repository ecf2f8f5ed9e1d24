import PlumbLayers
import PlumbModel

/// Numbers with their derivative in one direction, in an arithmetic: a formula over them gives the product of its Jacobian and
/// that direction.
struct DualContext<Base: ArithmeticContext>: ArithmeticContext {
  /// A number, and its derivative; `nil` where it does not depend on what is varied.
  struct Number: Sendable {
    let value: Base.Number
    let slope: Base.Number?
  }

  let base: Base

  private func constant(_ value: Base.Number) -> Number { Number(value: value, slope: nil) }
  private func times(_ factor: @autoclosure () -> Base.Number, _ slope: Base.Number?) -> Base.Number? {
    slope.map { base.product(factor(), $0) }
  }

  private func added(_ a: Base.Number?, _ b: Base.Number?) -> Base.Number? {
    guard let a, let b else { return a ?? b }
    return base.sum(a, b)
  }

  func read(_ value: Float, within relativeError: Double) -> Number {
    constant(base.read(value, within: relativeError))
  }
  func parameter(_ value: Double) -> Number { constant(base.parameter(value)) }
  func constant(_ value: Double) -> Number { constant(base.constant(value)) }
  func constant(_ real: RealConstant) -> Number { constant(base.constant(real)) }
  func exact(_ value: Double) -> Number { constant(base.exact(value)) }
  var hidden: Number { constant(base.hidden) }
  func stored(_ x: Number) -> Number { x }
  func tabled(_ x: Number) -> Number { x }
  func factor(_ x: Number) -> Number { x }
  func result(_ x: Number) -> Number { x }
  func scales(of greatest: Number, _ rule: ScaleRule) -> [Number] {
    base.scales(of: greatest.value, rule).map(constant)
  }
  func oneOf(_ first: Number, _ second: () -> Number) -> Number { first }
  func oneOf(_ first: ArraySlice<Number>, _ second: () -> ArraySlice<Number>) -> ArraySlice<Number> { first }

  func negated(_ x: Number) -> Number { Number(value: base.negated(x.value), slope: x.slope.map(base.negated)) }
  func sum(_ a: Number, _ b: Number) -> Number {
    Number(value: base.sum(a.value, b.value), slope: added(a.slope, b.slope))
  }

  func product(_ a: Number, _ b: Number) -> Number {
    Number(value: base.product(a.value, b.value), slope: added(times(b.value, a.slope), times(a.value, b.slope)))
  }

  /// (a′ − q·b′)/b.
  func quotient(_ a: Number, _ b: Number) -> Number {
    let value = base.quotient(a.value, b.value)
    let rest = added(a.slope, times(base.negated(value), b.slope))
    return Number(value: value, slope: rest.map { base.quotient($0, b.value) })
  }

  func quotientOrReciprocal(_ a: Number, _ b: Number) -> Number { quotient(a, b) }
  func rectified(_ x: Number) -> Number {
    Number(value: base.rectified(x.value), slope: x.slope.map { base.gated($0, by: x.value) })
  }
  func kept(_ x: Number, upTo limit: Double) -> Number {
    let below = base.sum(base.parameter(limit), base.negated(x.value))
    return Number(value: base.kept(x.value, upTo: limit), slope: x.slope.map { base.gated($0, by: below) })
  }
  func gated(_ x: Number, by opening: Number) -> Number {
    Number(value: base.gated(x.value, by: opening.value), slope: x.slope.map { base.gated($0, by: opening.value) })
  }

  /// x′/(2√x).
  func squareRoot(_ x: Number) -> Number {
    let root = base.squareRoot(x.value)
    return Number(value: root, slope: x.slope.map { base.quotient($0, base.product(base.parameter(2), root)) })
  }

  func squareRoot(ofSquares squares: Number) -> Number { squareRoot(squares) }
  func reciprocalSquareRoot(_ x: Number) -> Number { quotient(parameter(1), squareRoot(x)) }
  func reciprocalRoot(ofMeanSquare meanSquare: Number, plus epsilon: Number) -> Number {
    reciprocalSquareRoot(sum(meanSquare, epsilon))
  }
  func reciprocalRoot(ofCount count: Int) -> Number { constant(base.reciprocalRoot(ofCount: count)) }

  func exponential(_ x: Number) -> Number {
    let value = base.exponential(x.value)
    return Number(value: value, slope: times(value, x.slope))
  }

  func logarithm(_ x: Number) -> Number {
    Number(value: base.logarithm(x.value), slope: x.slope.map { base.quotient($0, x.value) })
  }

  func power(_ base: Number, _ exponent: Number) -> Number { exponential(product(exponent, logarithm(base))) }

  func hyperbolicTangent(_ x: Number) -> Number {
    let value = base.hyperbolicTangent(x.value)
    let slope = base.sum(base.parameter(1), base.negated(base.product(value, value)))
    return Number(value: value, slope: times(slope, x.slope))
  }

  /// 2/√π·e^(−x²), with 2/√π = 2·√2/√(2π).
  func errorFunction(_ x: Number) -> Number {
    let power = base.exponential(base.negated(base.product(x.value, x.value)))
    let factor = base.product(
      base.parameter(2), base.product(base.constant(.rootOfTwo), base.constant(.greatestDensity)))
    return Number(value: base.errorFunction(x.value), slope: times(base.product(factor, power), x.slope))
  }

  func sine(_ x: Number) -> Number { Number(value: base.sine(x.value), slope: times(base.cosine(x.value), x.slope)) }
  func cosine(_ x: Number) -> Number {
    Number(value: base.cosine(x.value), slope: times(base.negated(base.sine(x.value)), x.slope))
  }

  func total(_ terms: ArraySlice<Number>) -> Number {
    let slopes = terms.compactMap(\.slope)
    return Number(
      value: base.total(terms.map(\.value)[...]), slope: slopes.isEmpty ? nil : base.total(slopes[...]))
  }

  func dot(_ a: ArraySlice<Number>, _ b: ArraySlice<Number>, bias: Number?) -> Number {
    total((zip(a, b).map { product($0, $1) } + (bias.map { [$0] } ?? []))[...])
  }

  func isZero(_ row: ArraySlice<Number>) -> Bool { base.isZero(row.map(\.value)[...]) }

  /// The first element, in the greatest one's place: what softmax and log Σ e^x are does not depend on what is subtracted and added
  /// back.
  func greatest(_ row: ArraySlice<Number>) -> Number? { row.first }
  func lessGreatest(_ row: ArraySlice<Number>) -> [Number] {
    row.map { sum($0, negated(row[row.startIndex])) }
  }
}
