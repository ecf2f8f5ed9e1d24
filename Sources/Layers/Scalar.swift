/// A number with the arithmetic that it is computed in, so that a formula reads as such: `x / (1 + (-x).exponential())`.
///
/// A literal is a parameter of the arithmetic. Rows are kept as bare numbers, and become these only within a formula.
package struct Scalar<Context: ArithmeticContext>: Sendable {
  package let number: Context.Number
  package let context: Context

  package init(_ number: Context.Number, _ context: Context) {
    self.number = number
    self.context = context
  }

  /// The literal or attribute `value`, in the same arithmetic.
  package func parameter(_ value: Double) -> Self { Self(context.parameter(value), context) }

  /// The real number nearest to which `value` lies, in the same arithmetic.
  package func constant(_ value: Double) -> Self { Self(context.constant(value), context) }

  /// This number, or what another formula in use gives.
  package func or(_ other: @autoclosure () -> Self) -> Self { Self(context.oneOf(number) { other().number }, context) }
}

/// A part of a formula: what becomes of a number.
package typealias ScalarFunction<Context: ArithmeticContext> = @Sendable (Scalar<Context>) -> Scalar<Context>

extension Scalar {
  package static prefix func - (x: Self) -> Self { Self(x.context.negated(x.number), x.context) }
  package static func + (a: Self, b: Self) -> Self { Self(a.context.sum(a.number, b.number), a.context) }
  package static func - (a: Self, b: Self) -> Self { a + -b }
  package static func * (a: Self, b: Self) -> Self { Self(a.context.product(a.number, b.number), a.context) }

  /// The quotient, or a product with the reciprocal.
  package static func / (a: Self, b: Self) -> Self {
    Self(a.context.quotientOrReciprocal(a.number, b.number), a.context)
  }

  package static func + (a: Double, b: Self) -> Self { b.parameter(a) + b }
  package static func + (a: Self, b: Double) -> Self { a + a.parameter(b) }
  package static func - (a: Double, b: Self) -> Self { b.parameter(a) - b }
  package static func - (a: Self, b: Double) -> Self { a - a.parameter(b) }
  package static func * (a: Double, b: Self) -> Self { b.parameter(a) * b }
  package static func * (a: Self, b: Double) -> Self { a * a.parameter(b) }
  package static func / (a: Double, b: Self) -> Self { b.parameter(a) / b }
  package static func / (a: Self, b: Double) -> Self { a / a.parameter(b) }

  /// The quotient, by a division.
  package func divided(by divisor: Self) -> Self { Self(context.quotient(number, divisor.number), context) }
}

extension Scalar {
  package var stored: Self { Self(context.stored(number), context) }
  package var tabled: Self { Self(context.tabled(number), context) }
  package var factor: Self { Self(context.factor(number), context) }
  package var result: Self { Self(context.result(number), context) }

  package func rectified() -> Self { Self(context.rectified(number), context) }
  package func squareRoot() -> Self { Self(context.squareRoot(number), context) }
  package func rootOfSquares() -> Self { Self(context.squareRoot(ofSquares: number), context) }
  package func reciprocalSquareRoot() -> Self { Self(context.reciprocalSquareRoot(number), context) }
  package func exponential() -> Self { Self(context.exponential(number), context) }
  package func logarithm() -> Self { Self(context.logarithm(number), context) }
  package func power(_ exponent: Self) -> Self { Self(context.power(number, exponent.number), context) }
  package func hyperbolicTangent() -> Self { Self(context.hyperbolicTangent(number), context) }
  package func errorFunction() -> Self { Self(context.errorFunction(number), context) }
  package func onePlusHyperbolicTangent() -> Self { Self(context.onePlusHyperbolicTangent(number), context) }
  package func onePlusErrorFunction() -> Self { Self(context.onePlusErrorFunction(number), context) }
  package func sine() -> Self { Self(context.sine(number), context) }
  package func cosine() -> Self { Self(context.cosine(number), context) }

  /// 1/√(this + epsilon), of a mean of squares.
  package func reciprocalRoot(plus epsilon: Self) -> Self {
    Self(context.reciprocalRoot(ofMeanSquare: number, plus: epsilon.number), context)
  }
}

extension Scalar {
  /// Half the product with `other`: whichever is halved, as halving rounds nothing but a subnormal number.
  package func halved(times other: Self) -> Self {
    (0.5 * self * other).or(0.5 * (self * other)).or(self * (0.5 * other))
  }
}
