import PlumbExact
import PlumbModel

extension Reference {
  /// The weights of the experts that are chosen by `logits` `[tokens, experts]`, in their shape; exactly 0 for the others.
  ///
  /// *Error bound*: encloses the true values; from exact logits, to about `precision` bits each.
  /// - Throws: `EnclosureError` where `precision` does not decide which experts are chosen, as `routerChoice`.
  package static func router(
    _ logits: Activation<Ball>, _ layer: RouterLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    try routerWeights(logits, layer, routerChoice(logits, layer, precision: precision), precision: precision)
  }

  /// The weights of the experts of `choice`; exactly 0 for the others.
  ///
  /// *Error bound*: as `router`.
  package static func routerWeights(
    _ logits: Activation<Ball>, _ layer: RouterLayer, _ choice: ExpertChoice, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let rows = try concurrentMap(logits.rows) { token throws(EnclosureError) -> [Ball] in
      let (row, chosen) = (logits.row(token), choice.experts[token])
      let own = chosen.map { row[row.startIndex + $0] }
      let scores: [Ball]
      switch (layer.score, layer.isRenormalised) {
      // The softmax over all, divided by the sum of the chosen, is that over the chosen.
      case (.softmax, true): scores = try softmax(own[...], precision: precision)
      case (.softmax, false):
        let all = try softmax(row, precision: precision)
        scores = chosen.map { all[$0] }
      case (.sigmoid, false): scores = own.map { Ball.sigmoid($0, precision: precision) }
      case (.sigmoid, true):
        scores = try shares(
          sigmoids(own, areShared: !layer.addsToSum, precision: precision + 8), plus: layer.addsToSum ? addend : 0,
          precision: precision)
      }
      let factor = Rational(exactly: layer.factor) ?? 1
      var weights = [Ball](repeating: Ball(0), count: row.count)
      for (expert, score) in zip(chosen, scores) {
        weights[expert] = (factor == 1 ? score : score * Ball(factor)).settled(precision)
      }
      return weights
    }
    return Activation(shape: logits.shape, elements: Array(rows.joined()))
  }

  /// The sigmoids of `logits`, or multiples of them where only their shares count.
  ///
  /// 1/(1 + e^(−x)) = e^m · e^(x − m)/(1 + e^x). With m the greatest logit, where that is below 0, the greatest multiple is near 1, however
  /// far below 0 all are: a sum of sigmoids may be less than any precision tells from 0.
  private static func sigmoids(
    _ logits: [Ball], areShared: Bool, precision: Int
  ) throws(EnclosureError) -> [Ball] {
    guard areShared, let greatest = logits.map(\.midpoint).max(), greatest < 0 else {
      return logits.map { Ball.sigmoid($0, precision: precision) }
    }
    return try logits.map { x throws(EnclosureError) in
      try Ball.exp(x - Ball(greatest), precision: precision)
        .divided(by: Ball(1) + Ball.exp(x, precision: precision), precision: precision)
    }
  }

  /// The number that some routers add to the sum of the weights.
  private static let addend = Rational(1, over: Integer(10).power(20))

  /// Each of positive numbers divided by the sum of all, and `addend` more.
  ///
  /// xᵢ/(a + Σ xⱼ) grows with xᵢ and falls with every other: its range is [Lᵢ/(a + Lᵢ + Σ Uⱼ), Uᵢ/(a + Uᵢ + Σ Lⱼ)], the sums over
  /// j ≠ i.
  private static func shares(
    _ numbers: [Ball], plus addend: Rational, precision: Int
  ) throws(EnclosureError) -> [Ball] {
    let ranges = numbers.map { (lower: max(0, $0.lower), upper: $0.upper) }
    let (lower, upper) = (Rational.sum(ranges.lazy.map(\.lower)), Rational.sum(ranges.lazy.map(\.upper)))
    return try ranges.map { range throws(EnclosureError) in
      let most = Ball(upper - range.upper + range.lower + addend)
      let fewest = Ball(lower - range.lower + range.upper + addend)
      let least = try Ball(range.lower).divided(by: most, precision: precision + 8)
      let greatest = try Ball(range.upper).divided(by: fewest, precision: precision + 8)
      return Ball(lower: max(0, least.lower), upper: min(1, greatest.upper))
    }
  }

  /// The product of each token's elements with those of its experts, whose weights are not 0.
  ///
  /// *Error bound*: as that of `linear`.
  /// - Throws: as `linear`.
  package static func expertLinear(
    _ x: Activation<Ball>, _ weights: Activation<Ball>, _ layer: ExpertLinearLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    try layer.result(for: x, choice(of: weights, chosen: layer.chosen), zero: Ball(0)) {
      rows, product throws(EnclosureError) in try linear(rows, product, precision: precision)
    }
  }

  /// The sum of what a token's experts give, by their weights.
  ///
  /// *Error bound*: as that of `attentionValues`.
  package static func expertSum(
    _ weights: Activation<Ball>, _ given: Activation<Ball>, precision: Int
  ) -> Activation<Ball> {
    let places = weights.rows == 0 ? 0 : given.rows / weights.rows
    let sum = ExpertSum(weights, given, choice(of: weights, chosen: places), zero: Ball(0))
    return attentionValues(sum.weights, sum.values, sum.layer, precision: precision)
      .reshaped([weights.rows, given.columns])
  }

  /// The experts of which exact weights, or their enclosures, are not 0.
  ///
  /// No weight of an expert that is chosen is 0, and what is not chosen is exactly that.
  package static func choice(of weights: Activation<Ball>, chosen: Int) -> ExpertChoice {
    ExpertChoice(of: weights, chosen: chosen) { $0.isExact && $0.midpoint.isZero }
  }
}
