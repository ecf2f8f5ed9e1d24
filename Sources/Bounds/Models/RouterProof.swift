package import PlumbExact
internal import PlumbLayers
package import PlumbModel
package import PlumbTolerance

/// The proof of whether rounding explains that an engine chose the experts that it did.
///
/// An engine compares logits, or the scores that it made of them: an expert may be chosen before another where the computed
/// numbers of the two, each within its bound of the exact one, may stand in that order. *Theorem.* With L the least and U the
/// greatest number that may be computed, an expert with U below the L of another comes after it in every such engine; it is then
/// proved that who chose the one and not the other did not do so for rounding. Equal numbers may be taken in any order.
package struct RouterProof: Sendable {
  /// The choice that the exact logits make.
  package let exact: ExpertChoice
  /// The numbers that an engine may compare, one way each; the scores come last.
  private let compared: [Activation<Tracked>]
  /// The exact logits, by which the exact weights are in order.
  private let logits: Activation<Ball>
  private let layer: RouterLayer

  /// A pair of experts in the wrong order.
  package struct Refutation: Sendable {
    /// The expert that the engine chose, and the one that it had to choose before.
    package let chosen, preferred: Int
    /// At least the difference of their exact scores, and that in units of what rounding may do to the two.
    package let difference, margin: Double
  }

  /// Makes the proof for an engine that compares one of the numbers `compared`, and of whose exact `logits` `exact` is the choice.
  package init(
    exact: ExpertChoice, logits: Activation<Ball>, compared: [Activation<Tracked>], _ layer: RouterLayer
  ) {
    (self.exact, self.logits, self.compared, self.layer) = (exact, logits, compared, layer)
  }

  /// Makes the proof for an engine in `arithmetic`, whose logits are `tracked` beside the exact `logits`, and of which `exact` is the
  /// choice: it compares logits or scores, or the sums of scores and `bias`.
  package init(
    exact: ExpertChoice, logits: Activation<Ball>, tracked: Activation<Tracked>, bias: Activation<Tracked>?,
    _ layer: RouterLayer, _ arithmetic: ArithmeticModel
  ) {
    // The score of each expert: the weights where each is chosen, and none divided by a sum of some.
    var all = layer
    (all.chosen, all.isRenormalised, all.factor) = (tracked.columns, false, 1)
    let everyone = ExpertChoice([[Int]](repeating: Array(0..<layer.experts), count: tracked.rows))
    let scores = Router(tracked, all, everyone, in: arithmetic).forward()
    guard let bias else {
      self.init(exact: exact, logits: logits, compared: [tracked, scores], layer)
      return
    }
    let biases = Activation(
      shape: scores.shape, elements: scores.elements.indices.map { bias.elements[$0 % scores.columns] })
    self.init(
      exact: exact, logits: logits, compared: [ResidualAdd(scores, biases, in: arithmetic).forward()], layer)
  }

  /// The experts of a row of weights: all whose weight is not 0.
  package static func experts(of weights: ArraySlice<Float>) -> [Int] {
    weights.indices.filter { weights[$0] != 0 }.map { $0 - weights.startIndex }
  }

  /// Whether the numbers of `a` may come before those of `b`.
  private func mayPrecede(_ a: Int, _ b: Int, token: Int) -> Bool {
    compared.contains { numbers in
      let start = token * numbers.columns
      let (first, second) = (numbers.elements[start + a], numbers.elements[start + b])
      guard first.isFinite, second.isFinite else { return true }
      return first.computed.upper >= second.computed.lower
    }
  }

  /// The experts of `made`, with those that it lacks, where rounding explains them; otherwise those of the exact choice.
  package func followed(_ made: [Int], token: Int) -> [Int] {
    made.count <= layer.chosen && refutation(of: made, token: token) == nil
      ? completed(made, token: token) : exact.experts[token]
  }

  /// The experts of `made`, and as many as it lacks of those that the engine may have chosen, of these the ones of the least weights.
  ///
  /// A weight that `made` lacks was rounded to 0. Whichever expert had it, one of no greater weight is taken for it: its weight is
  /// rounded to 0 as well, and the sums that weights are divided by differ by less than one that is.
  package func completed(_ made: [Int], token: Int) -> [Int] {
    let weights = Array(logits.row(token))
    let others = weights.indices.filter { !made.contains($0) }
      .sorted { (weights[$0].midpoint, $0) < (weights[$1].midpoint, $1) }
    var all = made
    while all.count < layer.chosen {
      let left = others.filter { !all.contains($0) }
      guard let next = left.first(where: { refutation(of: all + [$0], token: token) == nil }) ?? left.first else {
        break
      }
      all.append(next)
    }
    return all
  }

  /// The pair of experts that refutes the choice `made` for `token`: of those the one of the greatest difference; `nil` where rounding
  /// explains the choice.
  ///
  /// Experts that `made` lacks, as their weight was rounded to 0, may be any: they may be those that come before a chosen one by the
  /// most, so that as many more must come before it as there are others.
  package func refutation(of made: [Int], token: Int) -> Refutation? {
    guard let scores = compared.last else { return nil }
    let others = (0..<layer.experts).filter { !made.contains($0) }
    let start = token * scores.columns
    let refutations = made.compactMap { expert -> Refutation? in
      let found = others.filter { !mayPrecede(expert, $0, token: token) }.map { other in
        let (low, high) = (scores.elements[start + expert], scores.elements[start + other])
        let difference = Outward.sumDown(high.lower, -low.upper)
        let margin = difference / Outward.sumUp(low.error, high.error)
        return Refutation(chosen: expert, preferred: other, difference: difference, margin: margin)
      }
      return found.sorted { $0.difference > $1.difference }.dropFirst(max(0, layer.chosen - made.count)).first
    }
    return refutations.max { $0.difference < $1.difference }
  }

  /// Whether every engine makes the exact choice for `token`.
  package func isCertain(token: Int) -> Bool {
    let chosen = exact.experts[token]
    let others = (0..<layer.experts).filter { !chosen.contains($0) }
    return !chosen.contains { expert in others.contains { mayPrecede($0, expert, token: token) } }
  }
}
