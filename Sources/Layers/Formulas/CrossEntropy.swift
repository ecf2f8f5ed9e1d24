import PlumbModel

/// y[t] = Σⱼ q[j] · (L − logits[t, j]) + zLoss · L², with L = log Σⱼ e^logits[t, j], q[j] = smoothing / vocabulary, and
/// 1 − smoothing more at the target; 0 for a target that is ignored.
///
/// A loss without smoothing is log Σⱼ e^(logits[t, j] − m) − (logits[t, target] − m), or (m + log Σ …) − logits[t, target], with m the
/// greatest logit of the row; the sum and its logarithm may be stored. A loss with smoothing is computed in one of three ways:
/// (1 − smoothing) of the loss without it, and smoothing / vocabulary times the sum of all logarithms of the softmax, which may be
/// stored; the same with smoothing · L − Σ (smoothing / vocabulary) · logits[t, j] for the second part, as fused kernels have it; or the
/// sum of the products of q and the logarithms. The parts of a loss may be stored before they are added.
package struct CrossEntropy<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let logits: Activation<Context.Number>
  package var targets: [Int]
  package var layer: CrossEntropyLayer
  /// The logits of a row that are counted in the sum.
  package var counted: RowFunction<Context> = { $0 }
  package var exponential: RowFunction<Context> = { $0.exponentialsOfDifferences.step }
  /// The logarithm of the sum of the exponentials.
  package var logarithm: @Sendable (_ exponentials: Row<Context>) -> Scalar<Context> = { $0.logarithmOfSum }
  /// The change of all losses; the rows of their logits are given.
  package var finish: @Sendable (_ losses: Row<Context>, _ logits: [Row<Context>]) -> Row<Context> = { losses, _ in
    losses
  }
  /// The part of the smoothing that each logit has.
  package var share: @Sendable (_ smoothing: Scalar<Context>, _ vocabulary: Scalar<Context>) -> Scalar<Context> = {
    $0 / $1
  }
  /// The square that is added, from the logarithm of the sum of the exponentials and the factor.
  package var square: @Sendable (_ logarithm: Scalar<Context>, _ zLoss: Scalar<Context>) -> Scalar<Context> = {
    ($1 * ($0 * $0).stored).stored
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ logits: Activation<Context.Number>, targets: [Int], _ layer: CrossEntropyLayer = CrossEntropyLayer(),
    in context: Context
  ) {
    self.context = context
    self.logits = logits
    self.targets = targets
    self.layer = layer
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<logits.rows).map { context.row(logits.row($0)) }
    let losses = zip(rows, targets).map { row, target -> Context.Number in
      if target == layer.ignored { return context.exact(0) }
      let differences = row.lessGreatest.step
      let logarithm = logarithm(exponential(counted(differences))).stored
      let loss = Scalar.oneOf(
        context, ([.shifted], { logarithm - differences[target] }),
        ([.addedBack], { row.greatest + logarithm - row[target] }))
      let whole = layer.smoothing == 0 ? loss : smoothed(loss, row, differences, logarithm, target)
      if layer.zLoss == 0 { return whole.number }
      let square = square((row.greatest + logarithm).stored, parameter(Double(layer.zLoss)))
      return (whole.stored + square).number
    }
    return Row.tensor([round(finish(context.row(losses), rows))], shape: [targets.count])
  }

  /// The loss of a row with smoothing, from the one without.
  private func smoothed(
    _ loss: Scalar<Context>, _ row: Row<Context>, _ differences: Row<Context>, _ logarithm: Scalar<Context>,
    _ target: Int
  ) -> Scalar<Context> {
    let smoothing = parameter(Double(layer.smoothing))
    let (share, own) = (share(smoothing, exact(row.count)), 1 - smoothing)
    let logarithms = Row.oneOf(
      context, ([.shifted], { differences - logarithm }), ([.addedBack], { row - (row.greatest + logarithm) })
    ).stored
    let fused = { own * loss + (smoothing * (row.greatest + logarithm) - (row * share).total) }
    let products = {
      let weights = context.row((0..<row.count).map { $0 == target ? (share + own).number : share.number })
      return -(logarithms * weights).total
    }
    let (first, second) = ((own * -logarithms[target]).stored, (share * logarithms.total.stored).stored)
    return (first - second).or(fused()).or(products())
  }
}
