import PlumbModel

/// dlogits[t, e] from the gradients of the weights of the experts of a `choice`, which is constant.
///
/// With d the gradients times the router's factor and w the weights without it: of a softmax over the chosen,
/// dlogits = w · (d − Σ w · d) of these and 0 of the others; of one over all, p · (d − Σ p · d), d being 0 of those that are not chosen;
/// of sigmoids s, d · s · (1 − s), with (d − Σ w · d) / Σ s for d where their sum divides them.
package struct RouterBackward<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var logits: Activation<Context.Number>
  package var gradient: Activation<Context.Number>
  package var layer: RouterLayer
  /// The experts of each token.
  package var choice: ExpertChoice
  /// The sum that is subtracted from each gradient.
  package var subtracted: @Sendable (_ weights: Row<Context>, _ gradient: Row<Context>) -> Scalar<Context> = {
    $0.dot($1)
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ logits: Activation<Context.Number>, gradient: Activation<Context.Number>, _ layer: RouterLayer,
    _ choice: ExpertChoice, in context: Context
  ) {
    (self.logits, self.gradient, self.layer, self.choice) = (logits, gradient, layer, choice)
    self.context = context
  }

  package func forward() -> Activation<Context.Number> {
    let rows = context.map(logits.rows) { token -> [Context.Number] in
      let row = context.row(logits.row(token))
      let given = placed(context.row(gradient.row(token)), choice.experts[token])
      let scaled = layer.factor == 1 ? given : (given * parameter(Double(layer.factor))).stored
      return Array(round(result(row, scaled, choice.experts[token])).numbers)
    }
    return Activation(shape: logits.shape, elements: rows.flattened)
  }

  private func result(_ row: Row<Context>, _ gradient: Row<Context>, _ chosen: [Int]) -> Row<Context> {
    switch (layer.score, layer.isRenormalised) {
    case (.softmax, false): return backward(softmax(row), gradient)
    case (.softmax, true):
      let own = spread(backward(softmax(picked(row, chosen)), picked(gradient, chosen)), chosen, row.count)
      return own.or(overAll(row, gradient, chosen))
    case (.sigmoid, let isRenormalised):
      let scores = SiLUBackward<Context>.sigmoid(picked(row, chosen))
      var given = picked(gradient, chosen)
      if isRenormalised {
        let sum =
          (layer.addsToSum ? scores.total + context.scalar(context.constant(.overPowerOfTen(20))) : scores.total).stored
        let mean = subtracted((scores / sum).stored, given).stored
        given = ((given - mean) / sum).stored
      }
      return spread(given * (scores * (1 - scores)).stored, chosen, row.count)
    }
  }

  /// The gradient through a softmax over all, of which the chosen are divided by their sum.
  private func overAll(_ row: Row<Context>, _ gradient: Row<Context>, _ chosen: [Int]) -> Row<Context> {
    let shares = softmax(row).stored
    let (own, given) = (picked(shares, chosen), picked(gradient, chosen))
    let sum = own.total.stored
    let mean = subtracted((own / sum).stored, given).stored
    return backward(shares, spread(((given - mean) / sum).stored, chosen, row.count))
  }

  private func softmax(_ row: Row<Context>) -> Row<Context> {
    let exponentials = row.lessGreatest.exponentialsOfDifferences
    return exponentials / exponentials.total
  }

  /// The gradient of the softmax that gave `shares`.
  private func backward(_ shares: Row<Context>, _ gradient: Row<Context>) -> Row<Context> {
    let (shares, sum) = (shares.stored, subtracted(shares.stored, gradient))
    return (shares * (gradient - sum)).or(shares * gradient - shares * sum)
  }

  private func picked(_ row: Row<Context>, _ chosen: [Int]) -> Row<Context> {
    context.row(context.gathered(Array(row.numbers), at: chosen))
  }

  /// The elements of `row` at the places `chosen` of `count`, and 0 elsewhere.
  private func spread(_ row: Row<Context>, _ chosen: [Int], _ count: Int) -> Row<Context> {
    var all = [Context.Number](repeating: context.exact(0), count: count)
    for (place, number) in zip(chosen, row.numbers) { all[place] = number }
    return context.row(all)
  }

  /// `row` with 0 at the places that are not `chosen`.
  private func placed(_ row: Row<Context>, _ chosen: [Int]) -> Row<Context> {
    spread(picked(row, chosen), chosen, row.count)
  }
}
