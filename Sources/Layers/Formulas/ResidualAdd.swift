package import PlumbModel

/// y = x + residual, element by element.
package struct ResidualAdd<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var residual: Activation<Context.Number>
  package var sum: @Sendable (Scalar<Context>, Scalar<Context>) -> Scalar<Context> = { $0 + $1 }
  package var round: ScalarFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, _ residual: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    self.residual = residual
  }

  package func forward() -> Activation<Context.Number> {
    let row = context.row(x.elements).map(with: context.row(residual.elements)) { round(sum($0, $1)) }
    return Activation(shape: x.shape, elements: Array(row.numbers))
  }
}
