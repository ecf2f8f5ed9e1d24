import PlumbModel

/// y = x/2 · (1 + tanh(√(2/π) · (x + 0.044715·x³))), element by element: the cube as (x·x)·x, both constants rounded.
///
/// The polynomial may be x · (1 + 0.044715·x²), and half of 1 + tanh u a sigmoid of 2u; or each operation may be stored; or the function
/// is one of binary16 numbers, from a table, but for x itself from 10 up and 0 from −10 down.
/// Source of the last: `ggml_vec_gelu_f32` and `ggml_vec_geglu_f32` of ggml-org/ggml.
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
    let isTogether = !context.losesStored && (context.uses(.tanh) || context.uses(.sigmoid))
    if isTogether && !context.uses(.table) { return together(x) }
    return .oneOf(
      context, ([.table], { tabulated(x) }), ([.tanh, .sigmoid], { together(x) }), ([.stepwise], { stepwise(x) }))
  }

  /// The function of numbers that binary16 holds, whichever way it was computed, and of others by the tanh, which is ±1 to Float32 there.
  private func tabulated(_ x: Row<Context>) -> Row<Context> {
    x.each { number in
      context.tabulated(number, below: 10) { number in
        let x = context.scalar(number)
        return x.halved(times: argument(x).onePlusHyperbolicTangent()).number
      }
    }
  }

  /// √(2/π) · (x + 0.044715·x³), or x · (1 + 0.044715·x²) within.
  private func argument<Numbers: Quantity<Context>>(_ x: Numbers) -> Numbers {
    let (scale, coefficient) = (x.filled(with: scale.number), x.filled(with: coefficient.number))
    let square = x * x
    return scale * (x + coefficient * (square * x)).or(x * (1 + coefficient * square))
  }

  private func together(_ x: Row<Context>) -> Row<Context> { gate(x, argument(x)) }

  /// x/2 · (1 + tanh …), of which each operation gives a tensor, as in a framework that has no kernel for it; the cube as (x·x)·x, or
  /// by a power function that is as accurate.
  private func stepwise(_ x: Row<Context>) -> Row<Context> {
    let square = x * x
    let cube = (square * x).stored.or((square.stored * x).stored)
    let argument = (scale * (x + (coefficient * cube).stored).stored).stored
    return (0.5 * x).stored * (1 + argument.hyperbolicTangent().stored).stored
  }
}
