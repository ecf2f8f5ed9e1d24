import PlumbModel

/// y = x + residual, element by element.
package struct ResidualAdd<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var residual: Activation<Context.Number>
  package var sum: @Sendable (Row<Context>, Row<Context>) -> Row<Context> = { $0 + $1 }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, _ residual: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    self.residual = residual
  }

  package func forward() -> Activation<Context.Number> {
    Row.tensor([round(sum(context.row(x.elements), context.row(residual.elements)))], shape: x.shape)
  }
}
