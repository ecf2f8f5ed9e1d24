import PlumbModel

/// y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))), element by element: the cube as (x·x)·x, both constants rounded.
///
/// The polynomial may be x · (1 + 0.044715·x²), and half of 1 + tanh u a sigmoid of 2u; or each operation may be stored.
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
    let isStepwise = context.losesStored || !context.uses(.tanh) && !context.uses(.sigmoid)
    guard isStepwise else { return together(x) }
    return .oneOf(context, ([.tanh, .sigmoid], { together(x) }), ([.stepwise], { stepwise(x) }))
  }

  private func together(_ x: Row<Context>) -> Row<Context> {
    let square = x * x
    return gate(x, scale * (x + coefficient * (square * x)).or(x * (1 + coefficient * square)))
  }

  /// x/2 · (1 + tanh …), of which each operation gives a tensor, as in a framework that has no kernel for it; the cube as (x·x)·x, or
  /// by a power function that is as accurate.
  private func stepwise(_ x: Row<Context>) -> Row<Context> {
    let square = x * x
    let cube = (square * x).stored.or((square.stored * x).stored)
    let argument = (scale * (x + (coefficient * cube).stored).stored).stored
    return (0.5 * x).stored * (1 + argument.hyperbolicTangent().stored).stored
  }
}
