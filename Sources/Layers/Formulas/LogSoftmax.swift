import PlumbModel

/// y[i] = (x[i] − m) − log Σⱼ e^(x[j] − m), or x[i] − (m + log Σ …), along the last axis, with m the greatest element.
///
/// The sum and its logarithm may be stored; `stepwise`, each operation's result.
package struct LogSoftmax<Context: ArithmeticContext>: FormulaOfOneTensor {
  package let context: Context
  package let x: Activation<Context.Number>
  package var exponential: RowFunction<Context> = { $0.exponentialsOfDifferences.step }
  /// The logarithm of the sum of the exponentials.
  package var logarithm: @Sendable (_ exponentials: Row<Context>) -> Scalar<Context> = { $0.logarithmOfSum }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<x.rows).map { index in
      let row = context.row(x.row(index))
      let differences = row.lessGreatest.step
      let logarithm = logarithm(exponential(differences)).stored
      return round(
        .oneOf(
          context, ([.shifted], { differences - logarithm }), ([.addedBack], { row - (row.greatest + logarithm) })))
    }
    return Row.tensor(rows, shape: x.shape)
  }
}
