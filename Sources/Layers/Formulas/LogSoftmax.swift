package import PlumbModel

/// y[i] = (x[i] − m) − log Σⱼ e^(x[j] − m), along the last axis, with m the greatest element.
///
/// x − (m + log Σ …) is another formula, with other errors where m is great.
package struct LogSoftmax<Context: ArithmeticContext>: FormulaOfOneTensor {
  package let context: Context
  package let x: Activation<Context.Number>
  package var exponential: RowFunction<Context> = { $0.exponential() }
  /// The logarithm of the sum of the exponentials.
  package var logarithm: @Sendable (_ exponentials: Row<Context>) -> Scalar<Context> = { $0.logarithmOfSum }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<x.rows).map { index in
      let differences = context.row(x.row(index)).lessGreatest
      return round(differences - logarithm(exponential(differences)))
    }
    return Row.tensor(rows, shape: x.shape)
  }
}
