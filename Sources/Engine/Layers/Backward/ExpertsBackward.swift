import PlumbModel

// The parts of a mixture of experts backwards.
// *Error bound*: that of the formula in Float64, rounded once.
extension Engine {
  /// The gradient of one part of a mixture, from the activations and the gradient that it is made of.
  static func expertsBackward(
    _ part: ExpertGradient, _ activations: [Activation<Float>], _ gradient: Activation<Float>, _ crew: Crew
  ) -> Activation<Float> {
    func choice(_ weights: Activation<Float>, _ chosen: Int) -> ExpertChoice {
      ExpertChoice(of: weights, chosen: chosen) { $0 == 0 }
    }
    switch part {
    case .router(let layer):
      return routerBackward(activations[0], gradient, layer, choice(activations[1], layer.chosen))
    case .weights: return expertWeightsBackward(activations[0], activations[1], gradient)
    case .given(let places, let isOfOne):
      let weights = activations[0]
      let shape = (isOfOne ? [gradient.rows] : [gradient.rows, places]) + [gradient.columns]
      var rows = [[Double]](repeating: [Double](repeating: 0, count: gradient.columns), count: gradient.rows * places)
      for (token, experts) in choice(weights, places).experts.enumerated() {
        for (place, expert) in experts.enumerated() {
          let weight = Double(weights.elements[token * weights.columns + expert])
          rows[token * places + place] = gradient.wideRow(token).map { $0 * weight }
        }
      }
      return .rounded(rows, shape: shape)
    case .linear(let layer, let isOfTokens):
      return expertLinearBackward(gradient, layer, choice(activations[0], layer.chosen), isOfTokens: isOfTokens)
    case .linearWeight(let expert, let chosen):
      let places = choice(activations[1], chosen).rows(of: expert, chosen: chosen)
      let shape = [gradient.columns, activations[0].columns]
      guard !places.isEmpty else { return .rounded([[Double](repeating: 0, count: shape[0] * shape[1])], shape: shape) }
      return linearWeightBackward(
        gradient.rows(at: places), x: activations[0].expertRows(at: places, chosen: chosen), crew)
    case .bias(let expert, let chosen):
      return biasBackward(gradient.rows(at: choice(activations[0], chosen).rows(of: expert, chosen: chosen)))
    }
  }

  /// The gradient of the router's weights: inner products of that of the sum with what each expert gave.
  private static func expertWeightsBackward(
    _ weights: Activation<Float>, _ given: Activation<Float>, _ gradient: Activation<Float>
  ) -> Activation<Float> {
    let places = weights.rows == 0 ? 0 : given.rows / weights.rows
    let choice = ExpertChoice(of: weights, chosen: places) { $0 == 0 }
    var result = [Double](repeating: 0, count: weights.elements.count)
    for (token, experts) in choice.experts.enumerated() {
      for (place, expert) in experts.enumerated() {
        result[token * weights.columns + expert] = gradient.wideRow(token).dot(given.wideRow(token * places + place))
      }
    }
    return .rounded([result], shape: weights.shape)
  }

  /// The gradient of the input of the experts' products: of each place, or the sum of a token's.
  private static func expertLinearBackward(
    _ gradient: Activation<Float>, _ layer: ExpertLinearLayer, _ choice: ExpertChoice, isOfTokens: Bool
  ) -> Activation<Float> {
    let (tokens, chosen, columns) = (choice.experts.count, layer.chosen, layer.products.first?.weight.columns ?? 0)
    let zeros = [Double](repeating: 0, count: columns)
    var rows = [[Double]](repeating: zeros, count: isOfTokens ? tokens : tokens * chosen)
    for (expert, _) in choice.uses where expert < layer.products.count {
      let weight = layer.products[expert].weight
      let numbers = Activation(shape: weight.shape, elements: decoded(weight))
      for place in choice.rows(of: expert, chosen: chosen) {
        let sums = product(gradient.wideRow(place), numbers)
        let row = isOfTokens ? place / chosen : place
        rows[row] = zip(rows[row], sums).map { $0 + $1 }
      }
    }
    return .rounded(rows, shape: (isOfTokens ? [tokens] : [tokens, chosen]) + [columns])
  }

  /// The gradient of the router's logits, from that of its weights `[tokens, experts]`, the choice being constant.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func routerBackward(
    _ logits: Activation<Float>, _ gradient: Activation<Float>, _ layer: RouterLayer, _ choice: ExpertChoice
  ) -> Activation<Float> {
    let rows = (0..<logits.rows).map { token -> [Double] in
      let (row, chosen) = (logits.wideRow(token), choice.experts[token])
      let given = chosen.map { Double(gradient.elements[token * logits.columns + $0]) * Double(layer.factor) }
      func spread(_ numbers: [Double]) -> [Double] {
        var all = [Double](repeating: 0, count: row.count)
        for (place, number) in zip(chosen, numbers) { all[place] = number }
        return all
      }
      func backward(_ shares: [Double], _ gradient: [Double]) -> [Double] {
        let sum = shares.dot(gradient)
        return zip(shares, gradient).map { $0 * ($1 - sum) }
      }
      let own = chosen.map { row[$0] }
      switch (layer.score, layer.isRenormalised) {
      case (.softmax, false): return backward(row.softmax, spread(given))
      case (.softmax, true): return spread(backward(own.softmax, given))
      case (.sigmoid, true) where layer.sharesVanish(own): return spread(backward(own.softmax, given))
      case (.sigmoid, let isRenormalised):
        let scores = exponentials(own.map { -$0 }).map { 1 / (1 + $0) }
        let sum = scores.total + (layer.addsToSum ? 1e-20 : 0)
        let mean = scores.map { $0 / sum }.dot(given)
        let through = isRenormalised ? given.map { ($0 - mean) / sum } : given
        return spread(zip(through, scores).map { $0 * ($1 * (1 - $1)) })
      }
    }
    return .rounded(rows, shape: logits.shape)
  }
}
