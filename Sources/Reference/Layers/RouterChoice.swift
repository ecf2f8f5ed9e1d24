import PlumbExact
import PlumbModel

extension Reference {
  /// The experts that are chosen by `logits` `[tokens, experts]`: for each token those of the greatest scores, of equal ones the
  /// lowest index; in groups, of those that are kept.
  ///
  /// A softmax and a sigmoid grow with the logit, so that logits are compared instead of scores, unless a bias is added to these or
  /// two of them are added. Let k be chosen. Each pair of experts is in one order: where the enclosures of their numbers are apart, in
  /// that of these; where their logits are equal for every token (`RouterLayer.areEqual`), or are exact and equal here, and their
  /// biases are equal, the one of the lower index comes first. The choice is the set of the experts before which fewer than k others
  /// come, if each pair of one in it and one outside it has an order. Groups are in order in the same way: their scores are enclosed,
  /// as the greatest of numbers grows with each, and so does the sum of the two greatest; groups are equal whose experts are, one by
  /// one, or whose scores are exact and equal.
  /// - Throws: `EnclosureError.comparisonUndecided` where such a pair has no order.
  package static func routerChoice(
    _ logits: Activation<Ball>, _ layer: RouterLayer, precision: Int
  ) throws(EnclosureError) -> ExpertChoice {
    let bias = try layer.choiceBias.map { bias throws(EnclosureError) in try rationals(bias) }
    let rows = try concurrentMap(logits.rows) { token throws(EnclosureError) -> [Int] in
      let own = Array(logits.row(token))
      var row = own
      if layer.comparesScores {
        switch layer.score {
        case .sigmoid: row = own.map { Ball.sigmoid($0, precision: precision) }
        case .softmax: row = try softmax(own[...], precision: precision)
        }
      }
      if let bias { row = zip(row, bias).map { $0 + Ball($1) } }
      func areEqual(_ a: Int, _ b: Int) -> Bool {
        let areEqual =
          own[a].isExact && own[b].isExact && own[a].midpoint == own[b].midpoint || layer.areEqual(a, b)
        return areEqual && bias.map { $0[a] == $0[b] } ?? true
      }
      guard let groups = layer.groups else { return try first(layer.chosen, of: Array(row.indices), by: row, areEqual) }
      let members = layer.groupedExperts
      let scores = members.map { score(row[$0], groups.score) }
      let kept = try first(groups.kept, of: Array(members.indices), by: scores) { a, b in
        scores[a].isExact && scores[b].isExact && scores[a].midpoint == scores[b].midpoint
          || zip(members[a], members[b]).allSatisfy { areEqual($0, $1) }
      }
      return try first(layer.chosen, of: kept.sorted().flatMap { members[$0] }, by: row, areEqual)
    }
    return ExpertChoice(rows)
  }

  /// The score of a group of experts of these numbers.
  private static func score(_ numbers: ArraySlice<Ball>, _ score: ExpertGroups.Score) -> Ball {
    func sum(_ ends: [Rational]) -> Rational {
      Rational.sum(ends.sorted(by: >).prefix(score == .greatest ? 1 : 2).lazy.map { $0 })
    }
    return Ball(lower: sum(numbers.map(\.lower)), upper: sum(numbers.map(\.upper)))
  }

  /// The `count` of `indices`, ascending, that come first by `numbers`, of equal ones the lowest.
  ///
  /// - Throws: `EnclosureError.comparisonUndecided` where a pair of one of them and another has no order.
  private static func first(
    _ count: Int, of indices: [Int], by numbers: [Ball], _ areEqual: (Int, Int) -> Bool
  ) throws(EnclosureError) -> [Int] {
    let ranked = indices.sorted { (numbers[$1].midpoint, $0) < (numbers[$0].midpoint, $1) }
    let chosen = Array(ranked.prefix(count))
    let others = ranked.dropFirst(count)
    guard let least = chosen.map({ numbers[$0].lower }).min(), let greatest = others.map({ numbers[$0].upper }).max(),
      least <= greatest
    else { return chosen }
    for one in chosen where numbers[one].lower <= greatest {
      for other in others where numbers[one].lower <= numbers[other].upper {
        guard one < other, areEqual(one, other) else {
          throw .comparisonUndecided(function: "the router's choice of experts")
        }
      }
    }
    return chosen
  }
}
