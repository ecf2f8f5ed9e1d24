package import PlumbModel

/// y = x · gate, element by element.
package struct Gate<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var gate: Activation<Context.Number>
  package var product: @Sendable (Scalar<Context>, Scalar<Context>) -> Scalar<Context> = { $0 * $1 }
  package var round: ScalarFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, _ gate: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
    self.gate = gate
  }

  package func forward() -> Activation<Context.Number> {
    let row = context.row(x.elements).map(with: context.row(gate.elements)) { round(product($0, $1)) }
    return Activation(shape: x.shape, elements: Array(row.numbers))
  }
}
