import PlumbModel

/// y = x / √(mean(x²) + epsilon) · weight, along the last axis; 1 is added to the weight first where it is stored less that.
///
/// Squares and their sum as they are, without a scale; then the mean, epsilon, the reciprocal root, its product with x,
/// which may be stored, and the product with the weight. x/√… in place of x · (1/√…) has one rounding fewer.
package struct RMSNorm<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var weight: Row<Context>
  package var epsilon: Scalar<Context>
  /// The columns whose squares are added.
  package var counted: Range<Int>
  /// The divisor of the sum of the squares.
  package var count: Scalar<Context>
  /// The first change of each row.
  package var read: RowFunction<Context> = { $0 }
  package var squares: @Sendable (Row<Context>) -> Scalar<Context> = { $0.dot($0) }
  /// The factor from the mean square and epsilon.
  package var factor: @Sendable (Scalar<Context>, Scalar<Context>) -> Scalar<Context> = { $0.reciprocalRoot(plus: $1) }
  /// The change of the normalised value before it meets the weight.
  package var normalised: RowFunction<Context> = { $0.stored }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, weight: Activation<Context.Number>, epsilon: Float, addsOne: Bool,
    in context: Context
  ) {
    self.context = context
    self.x = x
    let stored = context.row(weight.elements)
    self.weight = addsOne ? (stored + 1).stored : stored
    self.epsilon = context.scalar(context.parameter(Double(epsilon)))
    counted = 0..<x.columns
    count = context.scalar(context.exact(Double(x.columns)))
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<x.rows).map { index in
      let row = read(context.row(x.row(index)))
      return round(normalised(row * factor(of: row)) * weight)
    }
    return Row.tensor(rows, shape: x.shape)
  }

  /// 1/√(mean(row²) + epsilon).
  func factor(of row: Row<Context>) -> Scalar<Context> { factor(squares(row[counted]) / count, epsilon) }
}
