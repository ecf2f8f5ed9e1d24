import PlumbModel

extension RouterLayer {
  /// Whether the sigmoids of the chosen `logits` may be less than every number of Float64, while their shares are not.
  ///
  /// Below −600 a sigmoid is e^x to within 2⁻⁸⁶⁵ of it, so that shares are those of a softmax.
  func sharesVanish(_ logits: [Double]) -> Bool { !addsToSum && logits.allSatisfy { $0 < -600 } }
}

extension Engine {
  /// The weights of the experts that are chosen by `logits` `[tokens, experts]`; 0 for the others.
  ///
  /// The experts of the greatest logits are chosen, of equal ones the lowest index: the scores are as great as they. With a bias,
  /// or where sums of scores are compared, the scores and their sums with it are compared, in Float64: each is off by at most
  /// `routerChoiceError(_:)` in parts of the score and the bias, and `routerChoiceUnderflow`, and the sum of two rounds once. Weights are
  /// computed in Float64 and rounded once: y = fl32(exact·(1 + ε)), |ε| ≤ `routerRelativeError(_:)`.
  ///
  /// *Edge cases*: NaN counts as +∞, and gives NaN.
  package static func router(
    _ logits: Activation<Float>, _ layer: RouterLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let bias = layer.choiceBias.map { decoded($0, instructionSet: instructionSet).map(Double.init) }
    let rows = (0..<logits.rows).map { token -> [Float] in
      let row = Array(logits.row(token))
      var ranks = layer.comparesScores ? scores64(row, layer.score) : row.map(Double.init)
      if let bias { ranks = zip(ranks, bias).map { $0 + $1 } }
      let chosen = layer.experts(by: ranks.map { $0.isNaN ? .infinity : $0 }).sorted()
      let own = chosen.map { row[$0] }
      let scores: [Float]
      switch (layer.score, layer.isRenormalised) {
      case (.softmax, let isRenormalised) where layer.factor != 1:
        let all = softmax64(isRenormalised ? own : row)
        scores = (isRenormalised ? all : chosen.map { all[$0] }).map { Float($0 * Double(layer.factor)) }
      case (.softmax, true):
        scores = softmax(Activation(shape: [1, own.count], elements: own), instructionSet: instructionSet).elements
      case (.softmax, false):
        let all = softmax(Activation(shape: [1, row.count], elements: row), instructionSet: instructionSet)
        scores = chosen.map { all.elements[$0] }
      case (.sigmoid, true) where layer.sharesVanish(own.map(Double.init)):
        scores = softmax64(own).map { Float($0 * Double(layer.factor)) }
      case (.sigmoid, let isRenormalised):
        let sigmoids = own.map { sigmoid64(Double($0)) }
        let sum = isRenormalised ? sigmoids.reduce(0, +) + (layer.addsToSum ? 1e-20 : 0) : 1
        scores = sigmoids.map { Float($0 / sum * Double(layer.factor)) }
      }
      var weights = [Float](repeating: 0, count: row.count)
      for (expert, score) in zip(chosen, scores) { weights[expert] = score }
      return weights
    }
    return Activation(shape: logits.shape, elements: Array(rows.joined()))
  }

  /// The score of each of a row of logits in Float64.
  private static func scores64(_ row: [Float], _ score: RouterLayer.Score) -> [Double] {
    switch score {
    case .sigmoid: row.map { sigmoid64(Double($0)) }
    case .softmax: softmax64(row)
    }
  }

  /// The softmax of `row` in Float64, off by at most `softmaxRelativeError(terms:)` of each, and by `routerChoiceUnderflow`.
  private static func softmax64(_ row: [Float]) -> [Double] {
    let greatest = Double(row.max() ?? 0)
    let powers = row.map { Double($0) - greatest < -708 ? 0 : exponential(Double($0) - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  /// 1/(1 + e^(−x)) in Float64, off by at most `sigmoidRelativeError`.
  static func sigmoid64(_ x: Double) -> Double {
    let power = exponential(-x.magnitude)
    return x < 0 ? power / (1 + power) : 1 / (1 + power)
  }

  /// The products of each token's elements with those of its experts, whose weights are not 0: `[tokens, chosen, outputs]`.
  ///
  /// *Error bound*: that of `linear`. Experts that no token is given to are not read.
  ///
  /// - Precondition: the shapes fit the products.
  package static func expertLinear(
    _ x: Activation<Float>, _ weights: Activation<Float>, _ layer: ExpertLinearLayer,
    instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    expertLinear(x, weights, layer, Crew(threads: 1, instructionSet: instructionSet))
  }

  static func expertLinear(
    _ x: Activation<Float>, _ weights: Activation<Float>, _ layer: ExpertLinearLayer, _ crew: Crew
  ) -> Activation<Float> {
    let choice = ExpertChoice(of: weights, chosen: layer.chosen) { $0 == 0 }
    return layer.result(for: x, choice, zero: 0) { rows, product in linear(rows, [product], crew)[0] }
  }

  /// The sum of what a token's experts give, `[tokens, places, hidden]` or of one place `[tokens, hidden]`, by the router's
  /// `weights` `[tokens, experts]`.
  ///
  /// *Error bound*: that of `attentionValues`, whose positions are the places.
  package static func expertSum(
    _ weights: Activation<Float>, _ given: Activation<Float>, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let places = weights.rows == 0 ? 0 : given.rows / weights.rows
    let sum = ExpertSum(weights, given, ExpertChoice(of: weights, chosen: places) { $0 == 0 }, zero: 0)
    return attentionValues(sum.weights, sum.values, sum.layer, instructionSet: instructionSet)
      .reshaped([weights.rows, given.columns])
  }
}
