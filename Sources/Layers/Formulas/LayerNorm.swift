import PlumbModel

/// y = (x − mean(x)) / √(variance(x) + epsilon) · weight + bias, along the last axis.
///
/// In two passes: first the mean, then the mean square of the deviations from it; or both updated part by part; or the
/// variance in one pass, as mean(x²) − mean(x)². The deviations are multiplied by the factor r; or, where tensors are narrow
/// or `folded` is named, x·r − mean·r is computed. The numbers before the weight, and before the bias, may be stored.
package struct LayerNorm<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var weight: Row<Context>
  package var bias: Row<Context>?
  package var epsilon: Scalar<Context>
  /// The divisor of the sum of the squared deviations.
  package var count: Scalar<Context>
  package var mean: @Sendable (_ row: Row<Context>) -> Scalar<Context> = { row in
    .oneOf(
      row.context, ([.twoPass, .onePass], { row.mean }),
      ([.welford], { Scalar(row.context.updatedMean(row.numbers), row.context) }))
  }
  /// The sum of the squared deviations.
  package var squares:
    @Sendable (_ deviations: Row<Context>, _ mean: Scalar<Context>, _ row: Row<Context>) -> Scalar<Context> = {
      Scalar($0.context.squares(ofDeviations: $0.numbers, from: $1.number, of: $2.numbers), $0.context)
    }
  /// The factor from the variance and epsilon.
  package var factor: @Sendable (Scalar<Context>, Scalar<Context>) -> Scalar<Context> = { $0.reciprocalRoot(plus: $1) }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, weight: Activation<Context.Number>, bias: Activation<Context.Number>?,
    epsilon: Float, in context: Context
  ) {
    self.context = context
    self.x = x
    self.weight = context.row(weight.elements)
    self.bias = bias.map { context.row($0.elements) }
    self.epsilon = context.scalar(context.parameter(Double(epsilon)))
    count = context.scalar(context.exact(Double(x.columns)))
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<x.rows).map { index in
      let row = context.row(x.row(index))
      let (deviations, factor, mean) = statistics(of: row)
      let centred = deviations * factor
      let scaled =
        (context.losesStored || context.uses(.folded) ? centred.or(row * factor - mean * factor) : centred).stored
        * weight
      return round(bias.map { scaled.stored + $0 } ?? scaled)
    }
    return Row.tensor(rows, shape: x.shape)
  }

  /// The deviations of a row from its mean, 1/√(variance + epsilon), and the mean.
  func statistics(
    of row: Row<Context>
  ) -> (deviations: Row<Context>, factor: Scalar<Context>, mean: Scalar<Context>) {
    let mean = mean(row)
    let deviations = row - mean
    let scale = Scalar.oneOf(
      context, ([.twoPass], { factor(squares(deviations, mean, row) / count, epsilon) }),
      ([.welford], { factor(updatedSquares(deviations, mean, row) / count, epsilon) }),
      ([.onePass], { (row.dot(row) / count - row.mean * row.mean + epsilon).reciprocalSquareRoot() }))
    return (deviations, scale, mean)
  }

  private func updatedSquares(
    _ deviations: Row<Context>, _ mean: Scalar<Context>, _ row: Row<Context>
  ) -> Scalar<Context> {
    Scalar(
      context.updatedSquares(ofDeviations: deviations.numbers, from: mean.number, of: row.numbers), context)
  }
}
