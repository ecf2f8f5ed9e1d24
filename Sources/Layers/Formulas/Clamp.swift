import PlumbModel

/// y = max(−limit, min(x, limit)), element by element.
package struct Clamp<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var limit: Double
  package var clamped: @Sendable (_ x: Row<Context>, _ limit: Double) -> Row<Context> = {
    $0.kept(upTo: $1).kept(from: -$1)
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, _ layer: ClampLayer, in context: Context) {
    self.context = context
    self.x = x
    limit = Double(layer.limit)
  }

  package func forward() -> Activation<Context.Number> {
    Row.tensor([round(clamped(context.row(x.elements), limit))], shape: x.shape)
  }
}
