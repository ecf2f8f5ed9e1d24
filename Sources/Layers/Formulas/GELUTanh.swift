package import PlumbModel

/// y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))), element by element: the cube as (x·x)·x, both constants rounded.
///
/// The polynomial may be x · (1 + 0.044715·x²), and half of 1 + tanh u a sigmoid of 2u.
package struct GELUTanh<Context: ArithmeticContext>: FormulaOfOneTensor {
  package let context: Context
  package let x: Activation<Context.Number>
  package var coefficient: Scalar<Context>
  package var scale: Scalar<Context>
  /// The result from a plain x and the tanh's argument.
  package var gate: @Sendable (_ x: Row<Context>, _ argument: Row<Context>) -> Row<Context> = {
    x, argument in
    .oneOf(
      x.context, ([.tanh], { x.halved(times: argument.onePlusHyperbolicTangent()) }),
      ([.sigmoid], { SiLU.product(of: x, withSigmoidOf: 2 * argument) }))
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    coefficient = context.scalar(context.constant(.decimal(44_715, over: 1_000_000)))
    scale = context.scalar(context.constant(.rootOfTwoOverPi))
  }

  package func forward() -> Activation<Context.Number> {
    Row.tensor([round(value(context.row(x.elements)))], shape: x.shape)
  }

  /// The function of each number.
  package func value(_ x: Row<Context>) -> Row<Context> {
    let square = x * x
    return gate(x, scale * (x + coefficient * (square * x)).or(x * (1 + coefficient * square)))
  }
}
