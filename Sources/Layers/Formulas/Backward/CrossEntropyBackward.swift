import PlumbModel

/// dlogits[t, j] = gradient[t] · (p[j] · (1 + 2 · zLoss · L) − q[j]), with p = softmax(logits[t]), L the logarithm of the sum of the
/// exponentials, and q[j] = smoothing / vocabulary, and 1 − smoothing more at the target; 0 for a target that is ignored.
///
/// p may be stored, or the exponential of a stored logarithm, and the products with p and with q may be made apart; or the gradient
/// d = −gradient[t] · q of the logarithms goes on as d − p · Σ d.
package struct CrossEntropyBackward<Context: ArithmeticContext>: LayerFormula {
  package var softmax: Softmax<Context>
  package var targets: [Int]
  package var gradient: Activation<Context.Number>
  package var layer: CrossEntropyLayer
  /// The gradient of a token's loss, from those of all.
  package var incoming: @Sendable (_ gradients: Row<Context>, _ token: Int) -> Scalar<Context> = { $0[$1] }
  /// The factor of the weights, from the logarithm of the sum of the exponentials and the factor of its square.
  package var factor: @Sendable (_ logarithm: Scalar<Context>, _ zLoss: Scalar<Context>) -> Scalar<Context> = {
    1 + 2 * $1 * $0
  }
  /// The part of the smoothing that each logit has.
  package var share: @Sendable (_ smoothing: Scalar<Context>, _ vocabulary: Scalar<Context>) -> Scalar<Context> = {
    $0 / $1
  }
  /// The change of the target's own part.
  package var own: @Sendable (Scalar<Context>) -> Scalar<Context> = { $0 }
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { softmax.context }

  package init(
    _ logits: Activation<Context.Number>, targets: [Int], gradient: Activation<Context.Number>,
    _ layer: CrossEntropyLayer, in context: Context
  ) {
    softmax = Softmax(logits, in: context).inside
    self.targets = targets
    self.gradient = gradient
    self.layer = layer
  }

  package func forward() -> Activation<Context.Number> {
    let (shares, gradients) = (softmax.forward(), context.row(gradient.elements))
    let rows = targets.enumerated().map { token, target -> Row<Context> in
      let shares = context.row(shares.row(token))
      if target == layer.ignored { return shares.each { _ in context.exact(0) } }
      let logits = context.row(softmax.x.row(token))
      let row = shares.or(logarithms(logits).exponential())
      let (weights, gradient) = (weights(row, logits), incoming(gradients, token))
      let (own, others) = wanted(row.count)
      func less(_ weights: Row<Context>, _ factor: (Scalar<Context>) -> Scalar<Context>) -> Row<Context> {
        let (own, others) = (factor(own), others.map(factor))
        return context.row(
          (0..<row.count).map { index in
            guard let wanted = index == target ? own : others else { return weights[index].number }
            return (weights[index] - wanted).number
          })
      }
      func summed() -> Row<Context> {
        let ownPart = gradient * own
        let terms = others.map { others in context.row((1..<row.count).map { _ in (gradient * others).number }) }
        let sum = terms.map { Row(Array($0.numbers) + [ownPart.number], context).total } ?? ownPart
        let products = less(row * sum) { gradient * $0 }
        return layer.zLoss == 0 ? products : products + squared(logits, gradient)
      }
      return round((gradient * less(weights) { $0 }).or(less(gradient * weights) { gradient * $0 }).or(summed()))
    }
    return Row.tensor(rows, shape: shares.shape)
  }

  /// The logarithms of the softmax of a row.
  private func logarithms(_ logits: Row<Context>) -> Row<Context> {
    let row = Activation(shape: [1, logits.count], elements: Array(logits.numbers))
    return context.row(LogSoftmax(row, in: context).inside.forward().elements)
  }

  /// The gradient of the square of the logarithm, with e^(logit − L) for the softmax.
  private func squared(_ logits: Row<Context>, _ gradient: Scalar<Context>) -> Row<Context> {
    let logarithm = logits.logarithmOfExponentials
    return (logits - logarithm).exponential() * (gradient * parameter(Double(layer.zLoss)) * (2 * logarithm))
  }

  private func weights(_ row: Row<Context>, _ logits: Row<Context>) -> Row<Context> {
    layer.zLoss == 0 ? row : row * factor(logits.logarithmOfExponentials, parameter(Double(layer.zLoss)))
  }

  /// The weights that the target and the others should have; `nil` for 0.
  private func wanted(_ count: Int) -> (own: Scalar<Context>, others: Scalar<Context>?) {
    guard layer.smoothing != 0 else { return (own(parameter(1)), nil) }
    let smoothing = parameter(Double(layer.smoothing))
    let others = share(smoothing, exact(count))
    return (own(others + (1 - smoothing)), others)
  }
}
