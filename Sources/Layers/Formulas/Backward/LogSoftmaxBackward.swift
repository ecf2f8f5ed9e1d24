import PlumbModel

/// dx = gradient − p · Σ gradient, along the last axis, with p = softmax(x): the stored softmax, or the exponential of the stored
/// logarithms.
package struct LogSoftmaxBackward<Context: ArithmeticContext>: LayerFormula {
  package var logarithms: LogSoftmax<Context>
  package var gradient: Activation<Context.Number>
  /// The weights from a row of logarithms, where they are not the softmax.
  package var weights: RowFunction<Context>?
  package var sum: @Sendable (_ gradient: Row<Context>) -> Scalar<Context> = { $0.total }
  /// The change of what is subtracted.
  package var subtracted: RowFunction<Context> = { $0 }
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { logarithms.context }

  package init(_ x: Activation<Context.Number>, gradient: Activation<Context.Number>, in context: Context) {
    logarithms = LogSoftmax(x, in: context).inside
    self.gradient = gradient
  }

  package func forward() -> Activation<Context.Number> {
    let outputs = logarithms.forward()
    let rows = (0..<outputs.rows).map { index in
      let gradient = context.row(gradient.row(index))
      let logarithms = context.row(outputs.row(index))
      let shares = weights?(logarithms) ?? softmax(ofRow: index).or(logarithms.exponential())
      return round(gradient - subtracted(shares * sum(gradient)))
    }
    return Row.tensor(rows, shape: outputs.shape)
  }

  private func softmax(ofRow index: Int) -> Row<Context> {
    let row = Activation(shape: [1, logarithms.x.columns], elements: Array(logarithms.x.row(index)))
    return context.row(Softmax(row, in: context).inside.forward().elements)
  }
}
