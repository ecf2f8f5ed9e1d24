import PlumbModel

/// y = x · gate, element by element.
package struct Gate<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var gate: Activation<Context.Number>
  package var product: @Sendable (Row<Context>, Row<Context>) -> Row<Context> = { $0 * $1 }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, _ gate: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    self.gate = gate
  }

  package func forward() -> Activation<Context.Number> {
    Row.tensor([round(product(context.row(x.elements), context.row(gate.elements)))], shape: x.shape)
  }
}
