package import PlumbModel

/// y[i] = (x[i] − m) − log Σⱼ e^(x[j] − m), along the last axis, with m the greatest element.
///
/// x − (m + log Σ …) is another formula, with other errors where m is great.
package struct LogSoftmax<Context: ArithmeticContext>: FormulaOfOneTensor {
  package let context: Context
  package let x: Activation<Context.Number>
  package var exponential: ScalarFunction<Context> = { $0.exponential() }
  /// The logarithm of the sum of the exponentials.
  package var logarithm: @Sendable (_ exponentials: Row<Context>) -> Scalar<Context> = { $0.logarithmOfSum }
  package var round: ScalarFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.context = context
    self.x = x
  }

  package func forward() -> Activation<Context.Number> {
    let elements = (0..<x.rows).flatMap { index -> ArraySlice<Context.Number> in
      let differences = context.row(x.row(index)).lessGreatest
      let logarithm = logarithm(differences.map(exponential))
      return differences.map { round($0 - logarithm) }.numbers
    }
    return Activation(shape: x.shape, elements: elements)
  }
}
