import PlumbBounds
import PlumbLayers
import PlumbModel

/// A formula of one's own in the numbers of an arithmetic.
///
/// Every number between two steps may be stored. Sums are in the arithmetic's order, and a quotient is one, or a product with
/// the reciprocal.
struct FormulaEvaluation<Context: ArithmeticContext> {
  private typealias Value = NamedTensor<Context.Number>

  private let context: Context
  private let extents: [String: Int]
  private var known: [String: NamedTensor<Context.Number>] = [:]
  /// The parts of which no kernel computes a number below 0.
  private var squares: Set<String> = []

  /// The result of `formula` on `input`.
  static func result(_ formula: CustomFormula, _ input: CaseInput<Context>) -> Activation<Context.Number> {
    var evaluation = FormulaEvaluation(context: input.context, extents: input.source.extents)
    for slot in formula.inputs {
      evaluation.known[slot.name] = NamedTensor(axes: slot.axes, numbers: input.real(slot.name).elements)
    }
    for part in formula.parts {
      evaluation.known[part.name] = evaluation.value(part.expression)
      if evaluation.isSquares(part.expression) { evaluation.squares.insert(part.name) }
    }
    return evaluation.written(formula.result)
  }

  private init(context: Context, extents: [String: Int]) {
    self.context = context
    self.extents = extents
  }

  /// The value of `expression` as the output, rounded once.
  private func written(_ expression: FormulaExpression) -> Activation<Context.Number> {
    let result =
      switch expression {
      case .permuted(let x, let axes): NamedTensor(axes: axes, numbers: aligned(lastStep(x), axes))
      default: lastStep(expression)
      }
    return Activation(shape: result.axes.map { extent($0) }, elements: result.numbers)
  }

  /// The value of `expression`, whose last rounding is that of the output.
  private func lastStep(_ expression: FormulaExpression) -> Value {
    // A layer rounds its result itself.
    if case .layer(let layer, let arguments, let attributes) = expression {
      return call(layer, arguments, attributes, in: context)
    }
    let result = step(expression)
    return Value(axes: result.axes, numbers: Array(context.result(result.numbers[...])))
  }

  private func extent(_ axis: String) -> Int { extents[axis] ?? 1 }

  private func row(_ value: Value) -> Row<Context> { context.row(value.numbers) }
  private func tensor(_ axes: [String], _ row: Row<Context>) -> Value {
    NamedTensor(axes: axes, numbers: Array(row.numbers))
  }

  /// The value of `expression` as later steps read it, which may have been stored.
  private func value(_ expression: FormulaExpression) -> Value {
    switch expression {
    case .number, .name, .permuted, .layer: return step(expression)
    default:
      let result = step(expression)
      return tensor(result.axes, row(result).stored)
    }
  }

  private func step(_ expression: FormulaExpression) -> Value {
    switch expression {
    case .number(let number): return NamedTensor(axes: [], numbers: [literal(number)])
    case .name(let name): return known[name] ?? NamedTensor(axes: [], numbers: [])
    case .negated(let x):
      let value = value(x)
      return tensor(value.axes, -row(value))
    case .pair(let operation, let a, let b): return pair(operation, value(a), value(b))
    case .function(let function, let x):
      let value = value(x)
      return tensor(value.axes, apply(function, row(value), isSquares: isSquares(x)))
    case .reduction(let reduction, let x, let axes):
      let value = value(x)
      let rest = value.axes.filter { !axes.contains($0) }
      let numbers = aligned(value, rest + axes)
      let count = axes.reduce(1) { $0 * extent($1) }
      return NamedTensor(axes: rest, numbers: rows(numbers, of: count, rest) { reduced(reduction, $0) })
    case .dot(let a, let b, let axes): return dot(value(a), value(b), axes)
    case .permuted(let x, let axes): return NamedTensor(axes: axes, numbers: aligned(value(x), axes))
    case .layer(let layer, let arguments, let attributes):
      return call(layer, arguments, attributes, in: context.inside)
    }
  }

  /// A whole number as a kernel's parameter, another as its constant, which it rounds.
  private func literal(_ number: FormulaNumber) -> Context.Number {
    guard let exact = number.exact else { return context.constant(number.nearest) }
    return exact.denominator == 1
      ? context.parameter(number.nearest) : context.constant(.decimal(exact.numerator, over: exact.denominator))
  }

  /// The numbers of `value` for each index of `axes`.
  private func aligned(_ value: Value, _ axes: [String]) -> [Context.Number] {
    value.axes == axes
      ? value.numbers : context.gathered(value.numbers, at: Value.places(of: value.axes, in: axes, extents))
  }

  /// A number of each `count` neighbours, one for each index of `rest`.
  private func rows(
    _ numbers: [Context.Number], of count: Int, _ rest: [String], _ number: @Sendable (Row<Context>) -> Scalar<Context>
  ) -> [Context.Number] {
    context.map(rest.reduce(1) { $0 * extent($1) }) {
      number(context.row(numbers[$0 * count..<($0 + 1) * count])).number
    }
  }

  private func reduced(_ reduction: FormulaReduction, _ row: Row<Context>) -> Scalar<Context> {
    switch reduction {
    case .sum: row.total
    case .mean: row.mean
    case .max: row.maximum
    // One number alone is its own result, with all its error.
    case .logsumexp: row.count == 1 ? row[0] : row.logarithmOfExponentials
    }
  }

  private func pair(_ operation: FormulaExpression.PairOperation, _ a: Value, _ b: Value) -> Value {
    let axes = FormulaShape.joined(a.axes, b.axes)
    // A single number goes with every one of a row.
    let first = context.row(a.axes.isEmpty ? a.numbers : aligned(a, axes))
    let second = context.row(b.axes.isEmpty ? b.numbers : aligned(b, axes))
    switch operation {
    case .sum: return tensor(axes, first + second)
    case .difference: return tensor(axes, first - second)
    case .product: return tensor(axes, first * second)
    case .quotient: return tensor(axes, first / second)
    }
  }

  private func dot(_ a: Value, _ b: Value, _ axes: [String]) -> Value {
    let rest = FormulaShape.joined(a.axes, b.axes, appending: true).filter { !axes.contains($0) }
    let count = axes.reduce(1) { $0 * extent($1) }
    let (ownA, ownB) = (a.axes.filter { !axes.contains($0) }, b.axes.filter { !axes.contains($0) })
    let (first, second) = (context.row(aligned(a, ownA + axes)).factors, context.row(aligned(b, ownB + axes)).factors)
    let (placesA, placesB) = (Value.places(of: ownA, in: rest, extents), Value.places(of: ownB, in: rest, extents))
    let numbers = context.map(placesA.count) { index in
      let (i, j) = (placesA[index] * count, placesB[index] * count)
      return first[i..<i + count].matrixDot(second[j..<j + count]).number
    }
    return NamedTensor(axes: rest, numbers: numbers)
  }

  private func apply(_ function: FormulaFunction, _ x: Row<Context>, isSquares: Bool) -> Row<Context> {
    switch function {
    case .exp: x.exponential()
    case .log: x.logarithm()
    case .sqrt: isSquares ? x.rootOfSquares() : x.squareRoot()
    case .rsqrt: x.reciprocalSquareRoot()
    case .tanh: x.hyperbolicTangent()
    case .erf: x.errorFunction()
    case .sin: x.sine()
    case .cos: x.cosine()
    case .sigmoid: 1 / (1 + (-x).exponential())
    }
  }

  /// Whether no kernel computes a number below 0: a square, an exponential, and what is made of such by +, ·, / and sums.
  private func isSquares(_ expression: FormulaExpression) -> Bool {
    switch expression {
    case .number, .function(.exp, _), .function(.sqrt, _), .function(.sigmoid, _): true
    case .name(let name): squares.contains(name)
    case .pair(.product, let a, let b): a == b || isSquares(a) && isSquares(b)
    case .pair(.sum, let a, let b), .pair(.quotient, let a, let b): isSquares(a) && isSquares(b)
    case .reduction(.logsumexp, _, _): false
    case .reduction(_, let x, _), .permuted(let x, _): isSquares(x)
    case .dot(let a, let b, _): a == b || isSquares(a) && isSquares(b)
    case .layer(.relu, let arguments, _): arguments.count == 1
    default: false
    }
  }

  private func call(
    _ layer: LayerKind, _ arguments: [FormulaArgument], _ attributes: [String: String], in context: Context
  ) -> Value {
    let values = arguments.map { (name: $0.name, value: value($0.expression)) }
    guard let call = try? LayerCall(layer, values.map { ($0.name, $0.value.axes) }, attributes),
      let source = try? call.input(extents)
    else { preconditionFailure("the case was checked: \(layer.rawValue) takes these tensors") }
    var input = CaseInput(source, in: context)
    for (slot, argument) in zip(call.slots, values) {
      input.known[slot.name] = Activation(shape: call.shape(of: slot, extents), elements: argument.value.numbers)
    }
    guard let result = Catalogue.forward(input) else { preconditionFailure("\(layer.rawValue) has a formula") }
    return NamedTensor(axes: call.output, numbers: result.elements)
  }
}
