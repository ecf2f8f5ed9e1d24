import PlumbModel

/// dbias[i] = Σ_t gradient[t, i].
package struct BiasBackward<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var gradient: Activation<Context.Number>
  /// The tokens whose gradients are added.
  package var counted: Range<Int>
  package var sum: @Sendable (_ gradients: Row<Context>) -> Scalar<Context> = { $0.total }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ gradient: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.gradient = gradient
    counted = 0..<gradient.rows
  }

  package func forward() -> Activation<Context.Number> {
    let columns = gradient.transposed
    let sums = (0..<columns.rows).map { sum(context.row(columns.row($0))[counted]).number }
    return Row.tensor([round(context.row(sums))], shape: [sums.count])
  }
}
