import PlumbModel

/// A number or a row of numbers with the arithmetic that it is computed in, so that a formula reads as such:
/// `x / (1 + (-x).exponential())`.
///
/// A literal is a parameter of the arithmetic.
package protocol Quantity<Context>: Sendable {
  associatedtype Context: ArithmeticContext

  var context: Context { get }

  /// Each number through `operation`.
  func each(_ operation: (Context.Number) -> Context.Number) -> Self

  static prefix func - (x: Self) -> Self
  static func + (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  /// The quotient, or a product with the reciprocal.
  static func / (a: Self, b: Self) -> Self

  /// The same number for each of this quantity.
  func filled(with number: Context.Number) -> Self

  /// The numbers as they may stand in memory between two steps.
  var stored: Self { get }

  /// This quantity, or what another formula in use gives.
  func or(_ other: @autoclosure () -> Self) -> Self
}

extension Quantity {
  /// The result of a step by any of `formulas` that are in use; by the first where a context stands for one kernel, and by all that need
  /// not be named where those that are named are of other layers.
  package static func oneOf(_ context: Context, _ formulas: ([FormulaName], () -> Self)...) -> Self {
    let named = formulas.filter { $0.0.contains(where: context.uses) }
    let used = named.isEmpty ? formulas.filter { $0.0.contains { !$0.isByNameOnly } } : named
    return used.dropFirst().reduce(used[0].1()) { $0.or($1.1()) }
  }

  /// The literal or attribute `value`, in the same arithmetic.
  package func parameter(_ value: Double) -> Self { filled(with: context.parameter(value)) }

  /// The constant `real`, in the same arithmetic.
  package func constant(_ real: RealConstant) -> Self { filled(with: context.constant(real)) }

  package static func - (a: Self, b: Self) -> Self { a + -b }
  package static func + (a: Double, b: Self) -> Self { b.parameter(a) + b }
  package static func + (a: Self, b: Double) -> Self { a + a.parameter(b) }
  package static func - (a: Double, b: Self) -> Self { b.parameter(a) + -b }
  package static func - (a: Self, b: Double) -> Self { a + -a.parameter(b) }
  package static func * (a: Double, b: Self) -> Self { b.parameter(a) * b }
  package static func * (a: Self, b: Double) -> Self { a * a.parameter(b) }
  package static func / (a: Double, b: Self) -> Self { b.parameter(a) / b }
  package static func / (a: Self, b: Double) -> Self { a / a.parameter(b) }

  /// The numbers as a framework without a kernel for the layer keeps each operation's.
  package var step: Self { context.storesOperations ? stored : self }

  package var tabled: Self { each(context.tabled) }
  /// The numbers rounded to `grid`, to the nearest.
  package func onGrid(_ grid: NumberGrid) -> Self { each { context.onGrid($0, grid) } }
  package func rectified() -> Self { each(context.rectified) }
  package func kept(upTo limit: Double) -> Self { each { context.kept($0, upTo: limit) } }
  package func kept(from limit: Double) -> Self { -(-self).kept(upTo: -limit) }
  package func squareRoot() -> Self { each { context.squareRoot($0) } }
  package func rootOfSquares() -> Self { each { context.squareRoot(ofSquares: $0) } }
  package func reciprocalSquareRoot() -> Self { each { context.reciprocalSquareRoot($0) } }
  package func logarithm() -> Self { each(context.logarithm) }
  package func hyperbolicTangent() -> Self { each(context.hyperbolicTangent) }
  package func errorFunction() -> Self { each(context.errorFunction) }
  package func onePlusHyperbolicTangent() -> Self { each(context.onePlusHyperbolicTangent) }
  package func onePlusErrorFunction() -> Self { each(context.onePlusErrorFunction) }
  package func sine() -> Self { each(context.sine) }
  package func cosine() -> Self { each(context.cosine) }

  /// Half the product with `other`: whichever is halved, as halving rounds nothing but a subnormal number.
  package func halved(times other: Self) -> Self {
    (0.5 * self * other).or(0.5 * (self * other)).or(self * (0.5 * other))
  }
}
