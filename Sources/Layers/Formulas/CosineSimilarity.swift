import PlumbModel

/// z[t, s] = Σᵢ x[t, i] · y[s, i] / (max(‖x[t]‖, epsilon) · max(‖y[s]‖, epsilon)), 0 where a row is wholly zero; the norms are roots of
/// plain sums of squares.
///
/// The norms, the rows divided by them, and their products may be stored where tensors are narrow.
package struct CosineSimilarity<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package let y: Activation<Context.Number>
  /// The least norm that is divided by.
  package var epsilon: Float
  package var squares: @Sendable (Row<Context>) -> Scalar<Context> = { $0.dot($0) }
  /// The norm from the sum of squares.
  package var norm: @Sendable (Scalar<Context>) -> Scalar<Context> = { $0.rootOfSquares() }
  /// The divisor from the two norms.
  package var divisor: @Sendable (Scalar<Context>, Scalar<Context>) -> Scalar<Context> = { $0 * $1 }
  package var quotient:
    @Sendable (_ x: Row<Context>, _ y: Row<Context>, _ divisor: Scalar<Context>) -> Scalar<Context> = {
      $0.factors.dot($1.factors, overNorms: $2)
    }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, _ y: Activation<Context.Number>, epsilon: Float = 0, in context: Context
  ) {
    self.context = context
    self.epsilon = epsilon
    self.x = x
    self.y = y
  }

  package func forward() -> Activation<Context.Number> {
    let (left, right) = (rows(x), rows(y))
    let rows = left.map { x in
      let quotients = right.map { y -> Context.Number in
        guard let first = x.norm, let second = y.norm else { return context.exact(0) }
        let whole = quotient(x.row, y.row, divisor(first, second))
        guard context.losesStored else { return whole.number }
        return whole.or(((x.row / first.stored).stored * (y.row / second.stored).stored).stored.total).number
      }
      return round(context.row(quotients))
    }
    return Row.tensor(rows, shape: [x.rows, y.rows])
  }

  /// Each row with its norm; `nil` where it is wholly zero.
  private func rows(_ x: Activation<Context.Number>) -> [(row: Row<Context>, norm: Scalar<Context>?)] {
    (0..<x.rows).map { index in
      let row = context.row(x.row(index))
      if row.isZero { return (row, nil) }
      let norm = norm(squares(row))
      guard epsilon > 0 else { return (row, norm) }
      return (row, context.row([norm.number, norm.parameter(Double(epsilon)).number]).maximum)
    }
  }
}
