import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

// The layers of a mixture of experts are parts of others: a router's weights are a softmax over the chosen or over all, an
// expert's product is a product, and the sum of what experts give is one of weighted values.
extension Checks {
  /// The weights of the experts that are chosen for the engine's own logits.
  ///
  /// Logits are Float32s, which the engine compares as they are, and of equal ones it takes the lowest index: the choice has no
  /// error. With a bias, or where it adds scores, it compares what it has rounded: then its own choice, which its `output` has, counts
  /// where no expert that it chose is below another by more than the errors of the two. A weight is computed in Float64 and rounded
  /// once, with the declared error of a softmax over as many terms, or of the sigmoid; the sum of sigmoids and the quotient round k + 1
  /// times more.
  package static func router(
    _ logits: Activation<Float>, _ layer: RouterLayer, output: Activation<Float>?, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let balls = logits.asBalls else { return nil }
    var choice = try Reference.routerChoice(balls, layer, precision: precision)
    if let output, layer.comparesScores {
      let proof = try proof(choice, balls, layer, precision: precision)
      choice = ExpertChoice(
        choice.experts.indices.map { proof.followed(RouterProof.experts(of: output.row($0)), token: $0) })
    }
    let exact = try Reference.routerWeights(balls, layer, choice, precision: precision)
    let relative = Engine.routerRelativeError(layer).rational
    return Expectation(
      exact: exact,
      bounds: exact.elements.map { ball in
        ball.isExact ? Tolerance.oneRounding(of: ball) : Tolerance.oneRounding(of: ball, relativeError: relative)
      })
  }

  /// The weights of the experts that are chosen for the engine's own logits, whichever of the choices it makes that the errors of the
  /// numbers that it compares explain.
  package static func router(
    _ logits: Activation<Float>, _ layer: RouterLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard layer.comparesScores else { return try router(logits, layer, output: nil, precision: precision) }
    guard let balls = logits.asBalls else { return nil }
    let choice = try Reference.routerChoice(balls, layer, precision: precision)
    let proof = try proof(choice, balls, layer, precision: precision)
    return Expectation(
      exact: try Reference.routerWeights(balls, layer, choice, precision: precision),
      bounds: proof.weights(ArithmeticModel.declared.read(logits), in: .declared).elements.map(\.bound))
  }

  /// The proof of the engine's choices by the scores that it compares, in Float64, of which a sum of two rounds once more.
  package static func proof(
    _ choice: ExpertChoice, _ logits: Activation<Ball>, _ layer: RouterLayer, precision: Int
  ) throws(EnclosureError) -> RouterProof {
    let numbers = try compared(logits, layer, precision: precision)
    return RouterProof(exact: choice, logits: logits, compared: [numbers], layer) { a, b in
      let lower = Outward.sumDown(a.lower, b.lower)
      let upper = Outward.sumUp(a.upper, b.upper)
      let before = Outward.sumUp(a.error, b.error)
      let size = Outward.sumUp(max(lower.magnitude, upper.magnitude), before)
      return Tracked(lower: lower, upper: upper, error: Outward.sumUp(before, Outward.productUp(size, 0x1p-53)))
    }
  }

  /// The scores with their biases, where there are some, as the engine compares them.
  private static func compared(
    _ logits: Activation<Ball>, _ layer: RouterLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Tracked> {
    let bias = try layer.choiceBias.map { bias throws(EnclosureError) in try Reference.row(0, of: bias) }
    var all = layer
    (all.isRenormalised, all.factor) = (false, 1)
    let everyone = ExpertChoice([[Int]](repeating: Array(0..<layer.experts), count: logits.rows))
    let scores = try Reference.routerWeights(logits, all, everyone, precision: precision)
    let relative = Engine.routerChoiceError(layer)
    return Activation(
      shape: logits.shape,
      elements: scores.elements.enumerated().map { index, score in
        let added = bias?[index % logits.columns] ?? 0
        let size = Outward.sumUp(score.upper.doubleRoundedUp, added.magnitude.doubleRoundedUp)
        let exact = score + Ball(added)
        return Tracked(
          lower: exact.lowerRoundedDown, upper: exact.upperRoundedUp,
          error: Outward.sumUp(Outward.productUp(size, relative), Engine.routerChoiceUnderflow))
      })
  }

  /// The products of each token's elements with those of its experts: each bound is that of `linear`.
  package static func expertLinear(
    _ x: Activation<Float>, _ weights: Activation<Float>, _ layer: ExpertLinearLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    struct Element: Sendable {
      var exact = Ball(0)
      var bound: Rational? = 0
      var given: Float = 0
    }
    guard x.asBalls != nil, weights.asBalls != nil else { return nil }
    let choice = ExpertChoice(of: weights, chosen: layer.chosen) { $0 == 0 }
    let result = try layer.result(for: x.map { Element(given: $0) }, choice, zero: Element()) {
      rows, product throws(EnclosureError) in
      guard let found = try linear(rows.map(\.given), product, precision: precision) else {
        return Activation(
          shape: [rows.rows, product.weight.rows],
          elements: [Element](repeating: Element(bound: nil), count: rows.rows * product.weight.rows))
      }
      return Activation(
        shape: found.exact.shape,
        elements: zip(found.exact.elements, found.bounds).map { Element(exact: $0, bound: $1) })
    }
    return Expectation(exact: result.map(\.exact), bounds: result.elements.map(\.bound))
  }

  /// The sum of what a token's experts give: that of `attentionValues`.
  package static func expertSum(
    _ weights: Activation<Float>, _ given: Activation<Float>, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard weights.asBalls != nil else { return nil }
    let sum = ExpertSum(of: weights, given)
    return try attentionValues(sum.weights, sum.values, sum.layer, precision: precision)?
      .reshaped([weights.rows, given.columns])
  }
}

extension ExpertSum<Float> {
  /// The sum of `given` by the `weights` that are not 0.
  package init(of weights: Activation<Float>, _ given: Activation<Float>) {
    let places = weights.rows == 0 ? 0 : given.rows / weights.rows
    self.init(weights, given, ExpertChoice(of: weights, chosen: places) { $0 == 0 }, zero: 0)
  }
}
