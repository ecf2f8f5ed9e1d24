import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// The proof of whether rounding explains that an engine chose the experts that it did.
///
/// An engine compares logits, or the scores that it made of them: an expert may be chosen before another where the computed
/// numbers of the two, each within its bound of the exact one, may stand in that order. *Theorem.* With L the least and U the
/// greatest number that may be computed, an expert with U below the L of another comes after it in every such engine; it is then
/// proved that who chose the one and not the other did not do so for rounding. Equal numbers may be taken in any order.
///
/// Experts in groups: this holds of two of one group, and of two groups where the other's is kept in every such engine: no
/// more groups than may be kept beside it have an upper end that reaches its lower one. A group is dropped in every such engine where
/// as many as are kept have a lower end above its upper one; an expert of it is then chosen for no rounding. A group's number is
/// computed from those of its experts: it grows with each of them, and so do its ends.
package struct RouterProof: Sendable {
  /// The choice that the exact logits make.
  package let exact: ExpertChoice
  /// The numbers that an engine may compare, one way each; the scores come last.
  let compared: [Activation<Tracked>]
  /// The numbers of groups that go with them, `[tokens, groups]`; empty where there are no groups.
  private let comparedGroups: [Activation<Tracked>]
  /// The exact logits, by which the exact weights are in order.
  private let logits: Activation<Ball>
  let layer: RouterLayer

  /// A pair of experts in the wrong order.
  package struct Refutation: Sendable {
    /// The expert that the engine chose, and the one that it had to choose before.
    package let chosen, preferred: Int
    /// At least the difference of their exact scores, and that in units of what rounding may do to the two.
    package let difference, margin: Double
  }

  /// Makes the proof for an engine that compares one of the numbers `compared`, and of whose exact `logits` `exact` is the choice;
  /// `sum` is the sum of two of them as it computes it.
  package init(
    exact: ExpertChoice, logits: Activation<Ball>, compared: [Activation<Tracked>], _ layer: RouterLayer,
    sum: (Tracked, Tracked) -> Tracked
  ) {
    (self.exact, self.logits, self.compared, self.layer) = (exact, logits, compared, layer)
    comparedGroups = layer.groups == nil ? [] : compared.map { Self.grouped($0, layer, sum) }
  }

  /// The numbers of groups: the greatest of their experts', or of the sums of two of these.
  private static func grouped(
    _ numbers: Activation<Tracked>, _ layer: RouterLayer, _ sum: (Tracked, Tracked) -> Tracked
  ) -> Activation<Tracked> {
    let members = layer.groupedExperts
    let elements = (0..<numbers.rows).flatMap { token -> [Tracked] in
      let row = Array(numbers.row(token))
      return members.map { members in
        guard layer.groups?.score == .sumOfTwo else { return .greatest(of: Array(row[members])) }
        return .greatest(of: members.flatMap { a in (a + 1..<members.upperBound).map { sum(row[a], row[$0]) } })
      }
    }
    return Activation(shape: [numbers.rows, members.count], elements: elements)
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
    func sum(_ a: Activation<Tracked>, _ b: Activation<Tracked>) -> Activation<Tracked> {
      ResidualAdd(a, b, in: arithmetic).forward()
    }
    var compared = layer.comparesScores ? [scores] : [tracked, scores]
    if let bias {
      let biases = scores.elements.indices.map { bias.elements[$0 % scores.columns] }
      compared = [sum(scores, Activation(shape: scores.shape, elements: biases))]
    }
    self.init(exact: exact, logits: logits, compared: compared, layer) { a, b in
      sum(Activation(shape: [1], elements: [a]), Activation(shape: [1], elements: [b])).elements[0]
    }
  }

  /// The experts of a row of weights: all whose weight is not 0.
  package static func experts(of weights: ArraySlice<Float>) -> [Int] {
    weights.indices.filter { weights[$0] != 0 }.map { $0 - weights.startIndex }
  }

  /// Whether the numbers of `a` may come before those of `b`.
  func mayPrecede(_ a: Int, _ b: Int, token: Int) -> Bool { Self.mayPrecede(compared, a, b, token) }

  private static func mayPrecede(_ compared: [Activation<Tracked>], _ a: Int, _ b: Int, _ token: Int) -> Bool {
    compared.contains { numbers in
      let start = token * numbers.columns
      let (first, second) = (numbers.elements[start + a], numbers.elements[start + b])
      guard first.isFinite, second.isFinite else { return true }
      return first.computed.upper >= second.computed.lower
    }
  }

  /// The group of `expert`.
  func group(of expert: Int) -> Int { expert / max(layer.experts / max(layer.groups?.count ?? 1, 1), 1) }

  /// Whether every engine keeps `group`.
  func isKept(_ group: Int, token: Int) -> Bool {
    guard let groups = layer.groups else { return true }
    let rivals = (0..<groups.count).filter { $0 != group && Self.mayPrecede(comparedGroups, $0, group, token) }
    return rivals.count < groups.kept
  }

  /// The groups that every engine keeps before `group`, where there are as many as are kept; otherwise none.
  func groups(droppingFor group: Int, token: Int) -> [Int] {
    guard let groups = layer.groups else { return [] }
    let better = (0..<groups.count).filter { $0 != group && !Self.mayPrecede(comparedGroups, group, $0, token) }
    return better.count >= groups.kept ? better : []
  }

  /// Whether `expert`, which an engine chose, had to come after `other`, which it did not.
  private func isRefuted(_ expert: Int, before other: Int, token: Int) -> Bool {
    guard !mayPrecede(expert, other, token: token) else { return false }
    return group(of: expert) == group(of: other) || isKept(group(of: other), token: token)
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
    let ofGroups = made.compactMap { refutationOfGroup($0, of: made, token: token) }
    let refutations = made.compactMap { expert -> Refutation? in
      let found = others.filter { isRefuted(expert, before: $0, token: token) }.map { other in
        let (low, high) = (scores.elements[start + expert], scores.elements[start + other])
        let difference = Outward.sumDown(high.lower, -low.upper)
        let margin = difference / Outward.sumUp(low.error, high.error)
        return Refutation(chosen: expert, preferred: other, difference: difference, margin: margin)
      }
      return found.sorted { $0.difference > $1.difference }.dropFirst(max(0, layer.chosen - made.count)).first
    }
    return (ofGroups.isEmpty ? refutations : ofGroups).max { $0.difference < $1.difference }
  }

  /// The refutation of a choice `made` with an `expert` whose group every engine drops: an expert that it lacks of the exact choice, and
  /// how far the groups of the two are apart.
  private func refutationOfGroup(_ expert: Int, of made: [Int], token: Int) -> Refutation? {
    let own = group(of: expert)
    guard let numbers = comparedGroups.last else { return nil }
    let start = token * numbers.columns
    let lacking = exact.experts[token].filter { !made.contains($0) }
    let better = groups(droppingFor: own, token: token)
    let lacked = better.filter { lacking.contains(where: layer.groupedExperts[$0].contains) }
    return (lacked.isEmpty ? better : lacked).map { better -> Refutation in
      let (low, high) = (numbers.elements[start + own], numbers.elements[start + better])
      let difference = Outward.sumDown(high.lower, -low.upper)
      let members = layer.groupedExperts[better]
      return Refutation(
        chosen: expert, preferred: lacking.first(where: members.contains) ?? members.lowerBound, difference: difference,
        margin: difference / Outward.sumUp(low.error, high.error))
    }.max { $0.difference < $1.difference }
  }

  /// Whether every engine makes the exact choice for `token`.
  package func isCertain(token: Int) -> Bool {
    let chosen = exact.experts[token]
    var others = (0..<layer.experts).filter { !chosen.contains($0) }
    if let groups = layer.groups {
      let all = 0..<groups.count
      let kept = all.filter { isKept($0, token: token) }
      guard kept.count == groups.kept else { return false }
      others.removeAll { !kept.contains(group(of: $0)) }
    }
    return !chosen.contains { expert in others.contains { mayPrecede($0, expert, token: token) } }
  }
}

extension Tracked {
  /// The greatest of `numbers`, one at least: it is off by no more than the one that is off by the most.
  fileprivate static func greatest(of numbers: [Tracked]) -> Tracked {
    guard numbers.allSatisfy(\.isFinite) else { return .outside }
    return Tracked(
      lower: numbers.map(\.lower).max() ?? 0, upper: numbers.map(\.upper).max() ?? 0,
      error: numbers.map(\.error).max() ?? 0)
  }
}
