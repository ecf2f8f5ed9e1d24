import PlumbModel

/// dx = p · (gradient − Σ p · gradient), along the last axis, with p = softmax(x), which may be stored.
///
/// The products with p of the gradient and of the sum may be made apart.
package struct SoftmaxBackward<Context: ArithmeticContext>: LayerFormula {
  package var softmax: Softmax<Context>
  package var gradient: Activation<Context.Number>
  /// The change of the weights, and of the gradients.
  package var weights: RowFunction<Context> = { $0 }
  package var gradients: RowFunction<Context> = { $0 }
  /// The number that is subtracted from the gradient.
  package var sum: @Sendable (_ weights: Row<Context>, _ gradient: Row<Context>) -> Scalar<Context> = { $0.dot($1) }
  /// The change of the difference.
  package var difference: RowFunction<Context> = { $0 }
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { softmax.context }

  package init(_ x: Activation<Context.Number>, gradient: Activation<Context.Number>, in context: Context) {
    softmax = Softmax(x, in: context).inside
    self.gradient = gradient
  }

  package func forward() -> Activation<Context.Number> {
    let shares = softmax.forward()
    let rows = (0..<shares.rows).map { index in
      let (weights, gradient) = (weights(context.row(shares.row(index))), gradients(context.row(gradient.row(index))))
      let sum = sum(weights, gradient)
      return round((weights * difference(gradient - sum)).or(weights * gradient - weights * sum))
    }
    return Row.tensor(rows, shape: shares.shape)
  }
}
