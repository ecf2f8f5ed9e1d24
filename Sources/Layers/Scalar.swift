/// A number with the arithmetic that it is computed in.
package struct Scalar<Context: ArithmeticContext>: Quantity {
  package let number: Context.Number
  package let context: Context

  package init(_ number: Context.Number, _ context: Context) {
    self.number = number
    self.context = context
  }

  package func each(_ operation: (Context.Number) -> Context.Number) -> Self { Self(operation(number), context) }
  package func filled(with number: Context.Number) -> Self { Self(number, context) }

  package static prefix func - (x: Self) -> Self { Self(x.context.negated(x.number), x.context) }
  package static func + (a: Self, b: Self) -> Self { Self(a.context.sum(a.number, b.number), a.context) }
  package static func * (a: Self, b: Self) -> Self { Self(a.context.product(a.number, b.number), a.context) }
  package static func / (a: Self, b: Self) -> Self {
    Self(a.context.quotientOrReciprocal(a.number, b.number), a.context)
  }

  /// The quotient, by a division.
  package func divided(by divisor: Self) -> Self { Self(context.quotient(number, divisor.number), context) }

  package func or(_ other: @autoclosure () -> Self) -> Self { Self(context.oneOf(number) { other().number }, context) }

  package var stored: Self { Self(context.stored(number), context) }
  package func exponential() -> Self { Self(context.exponential(number), context) }
  package func power(_ exponent: Self) -> Self { Self(context.power(number, exponent.number), context) }

  /// 1/√(this + epsilon), of a mean of squares.
  package func reciprocalRoot(plus epsilon: Self) -> Self {
    Self(context.reciprocalRoot(ofMeanSquare: number, plus: epsilon.number), context)
  }
}
