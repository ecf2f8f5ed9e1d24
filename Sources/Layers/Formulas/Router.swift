import PlumbModel

/// The weights of the experts that are chosen for each token, from the router's logits `[tokens, experts]`; 0 for the others.
///
/// Kernels divide by the sum of the chosen after a softmax over all, or take the softmax over the chosen alone: both are the same
/// function, and both are in use.
package struct Router<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var logits: Activation<Context.Number>
  package var layer: RouterLayer
  /// The experts of each token.
  package var choice: ExpertChoice
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ logits: Activation<Context.Number>, _ layer: RouterLayer, _ choice: ExpertChoice, in context: Context
  ) {
    (self.logits, self.layer, self.choice, self.context) = (logits, layer, choice, context)
  }

  package func forward() -> Activation<Context.Number> {
    let rows = context.map(logits.rows) { token -> [Context.Number] in
      let (row, chosen) = (context.row(logits.row(token)), choice.experts[token])
      let weights = round(weights(row, chosen)).numbers
      var all = [Context.Number](repeating: context.exact(0), count: row.count)
      for (expert, weight) in zip(chosen, weights) { all[expert] = weight }
      return all
    }
    return Activation(shape: logits.shape, elements: rows.flattened)
  }

  private func weights(_ row: Row<Context>, _ chosen: [Int]) -> Row<Context> {
    func picked(_ row: Row<Context>) -> Row<Context> {
      context.row(context.gathered(Array(row.numbers), at: chosen))
    }
    func softmax(_ row: Row<Context>) -> Row<Context> {
      let exponentials = row.lessGreatest.exponentialsOfDifferences
      return exponentials / exponentials.total
    }
    switch (layer.score, layer.isRenormalised) {
    case (.softmax, false): return scaled(picked(softmax(row)))
    case (.softmax, true):
      let some = picked(softmax(row).stored)
      return scaled(softmax(picked(row)).or(some / some.total))
    case (.sigmoid, false): return scaled(sigmoid(picked(row)))
    case (.sigmoid, true):
      let some = sigmoid(picked(row)).stored
      let sum = layer.addsToSum ? some.total + context.scalar(context.constant(.overPowerOfTen(20))) : some.total
      return scaled(some / sum)
    }
  }

  private func scaled(_ weights: Row<Context>) -> Row<Context> {
    layer.factor == 1 ? weights : weights.stored * parameter(Double(layer.factor))
  }

  private func sigmoid(_ row: Row<Context>) -> Row<Context> {
    row.parameter(1).divided(by: 1 + (-row).exponential())
  }
}

extension ArithmeticContext {
  /// The experts whose weights are not 0: at most `chosen` of each token.
  package func choice(of weights: Activation<Number>, chosen: Int) -> ExpertChoice {
    ExpertChoice(of: weights, chosen: chosen) { isZero([$0][...]) }
  }
}
