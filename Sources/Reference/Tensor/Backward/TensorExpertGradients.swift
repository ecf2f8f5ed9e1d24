import PlumbExact
import PlumbModel

// The parts of a mixture of experts backwards, on rows of balls: a row for each token, or for each place of a token's experts.
extension Reference {
  /// The gradient of one part of a mixture, from the activations and the gradient that it is made of; that of weights of an expert a
  /// row when it is asked for, to `bits`.
  ///
  /// - Throws: as `linearBackward`; `EnclosureError` where a softmax or a quotient has no enclosure.
  static func expertsBackward(
    _ part: ExpertGradient, _ activations: [BallTensor], _ gradient: BallTensor, shape: [Int], bits: Int, precision: Int
  ) throws(EnclosureError) -> GradientRows {
    func choice(_ weights: BallTensor, _ chosen: Int) -> ExpertChoice {
      Reference.choice(of: weights.activation, chosen: chosen)
    }
    switch part {
    case .router(let layer):
      return GradientRows(
        try routerBackward(
          activations[0], gradient, layer, choice(activations[1], layer.chosen), precision: precision))
    case .weights:
      let (weights, given) = (activations[0], activations[1])
      let places = given.rows.count / max(weights.rows.count, 1)
      let experts = choice(weights, places).experts
      return GradientRows(
        weights.map { token, row in
          var all = [Ball](repeating: .zero, count: row.count)
          for (place, expert) in experts[token].enumerated() {
            all[expert] = gradient.rows[token].dot(given.rows[token * places + place])
          }
          return BallRow(all, precision: precision)
        })
    case .given(let places, let isOfOne):
      let (weights, columns) = (activations[0], gradient.shape.last ?? 0)
      let experts = choice(weights, places).experts
      let rows = concurrentMap(weights.rows.count * places) { index -> BallRow in
        let (token, place) = (index / places, index % places)
        guard place < experts[token].count else { return BallRow([WideRow(zeros: columns)], precision: precision) }
        return gradient.rows[token].scaled(by: weights.rows[token][experts[token][place]], precision: precision)
      }
      return GradientRows(
        BallTensor(shape: (isOfOne ? [weights.rows.count] : [weights.rows.count, places]) + [columns], rows: rows))
    case .linear(let layer, let isOfTokens):
      let choice = choice(activations[0], layer.chosen)
      return GradientRows(
        try expertLinearBackward(gradient, layer, choice, isOfTokens: isOfTokens, precision: precision))
    case .linearWeight(let expert, let chosen):
      let places = choice(activations[1], chosen).rows(of: expert, chosen: chosen)
      guard !places.isEmpty else { return zeros(shape, precision: precision) }
      let isOfTokens = activations[0].rows.count == activations[1].rows.count && activations[0].shape.count == 2
      let rows = places.map { activations[0].rows[isOfTokens ? $0 / chosen : $0] }
      return linearWeightBackward(
        gradient.rows(at: places), BallTensor(shape: [rows.count, shape[1]], rows: rows), shape: shape, bits: bits)
    case .bias(let expert, let chosen):
      let places = choice(activations[0], chosen).rows(of: expert, chosen: chosen)
      guard !places.isEmpty else { return zeros(shape, precision: precision) }
      return GradientRows(columnSums(gradient.rows(at: places), width: shape[0], precision: precision))
    }
  }

  private static func zeros(_ shape: [Int], precision: Int) -> GradientRows {
    let columns = shape.last ?? 0
    return GradientRows(weight: shape) { _ in BallRow([WideRow(zeros: columns)], precision: precision) }
  }

  /// dx of each place, or the sum of those of a token.
  private static func expertLinearBackward(
    _ gradient: BallTensor, _ layer: ExpertLinearLayer, _ choice: ExpertChoice, isOfTokens: Bool, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let (tokens, chosen, columns) = (choice.experts.count, layer.chosen, layer.products.first?.weight.columns ?? 0)
    let nothing = BallRow([WideRow(zeros: columns)], precision: precision)
    var rows = [BallRow](repeating: nothing, count: isOfTokens ? tokens : tokens * chosen)
    for (expert, _) in choice.uses where expert < layer.products.count {
      let places = choice.rows(of: expert, chosen: chosen)
      let results = try linearBackward(gradient.rows(at: places), layer.products[expert].weight, precision: precision)
      for (place, row) in zip(places, results.rows) {
        let index = isOfTokens ? place / chosen : place
        rows[index] = isOfTokens ? rows[index].adding(row, precision: precision) : row
      }
    }
    return BallTensor(shape: (isOfTokens ? [tokens] : [tokens, chosen]) + [columns], rows: rows)
  }

  /// dlogits of a router, the choice being constant: p·(d − Σ p·d) of a softmax, d·s·(1 − s) of sigmoids.
  private static func routerBackward(
    _ logits: BallTensor, _ gradient: BallTensor, _ layer: RouterLayer, _ choice: ExpertChoice, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let factor = Ball(Rational(exactly: layer.factor) ?? 1)
    let addend = Ball(layer.addsToSum ? Rational(1, over: Integer(10).power(20)) : 0)
    return try logits.map { token, row throws(EnclosureError) in
      let (all, chosen) = (row.balls, choice.experts[token])
      let given = chosen.map { gradient.rows[token][$0] * factor }
      var result = [Ball](repeating: .zero, count: all.count)
      func dot(_ a: [Ball], _ b: [Ball]) -> Ball { zip(a, b).reduce(.zero) { $0 + $1.0 * $1.1 } }
      switch layer.score {
      case .softmax:
        let shares = try softmax(
          layer.isRenormalised ? chosen.map { all[$0] }[...] : all[...], precision: precision)
        let sum = dot(layer.isRenormalised ? shares : chosen.map { shares[$0] }, given)
        if !layer.isRenormalised { for index in all.indices { result[index] = shares[index] * -sum } }
        for (place, expert) in chosen.enumerated() {
          result[expert] = shares[layer.isRenormalised ? place : expert] * (given[place] - sum)
        }
      case .sigmoid:
        let scores = chosen.map { Ball.sigmoid(all[$0], precision: precision) }
        var through = given
        if layer.isRenormalised {
          let sum = scores.reduce(addend, +)
          let mean = try dot(scores, given).divided(by: sum, precision: precision)
          through = try given.map { given throws(EnclosureError) in
            try (given - mean).divided(by: sum, precision: precision)
          }
        }
        for (place, expert) in chosen.enumerated() {
          result[expert] = through[place] * scores[place] * (Ball.one - scores[place])
        }
      }
      return BallRow(result, precision: precision)
    }
  }
}

extension BallTensor {
  /// The rows at `places`.
  fileprivate func rows(at places: [Int]) -> BallTensor {
    BallTensor(shape: [places.count, shape.last ?? 0], rows: places.map { rows[$0] })
  }
}
