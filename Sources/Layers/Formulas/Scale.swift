import PlumbModel

/// y = x · f or x / f, where f is the factor, a parameter, or its root.
package struct Scale<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var factor: Scalar<Context>
  package var isRoot: Bool
  package var divides: Bool
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, _ layer: ScaleLayer, in context: Context) {
    self.context = context
    self.x = x
    factor = context.scalar(context.parameter(Double(layer.factor)))
    isRoot = layer.isRoot
    divides = layer.divides
  }

  package func forward() -> Activation<Context.Number> {
    let (row, number) = (context.row(x.elements), isRoot ? factor.squareRoot() : factor)
    return Row.tensor([round(divides ? row / number : row * number)], shape: x.shape)
  }
}
