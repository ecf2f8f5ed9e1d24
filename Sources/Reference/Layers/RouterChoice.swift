import PlumbExact
import PlumbModel

extension Reference {
  /// The experts that are chosen by `logits` `[tokens, experts]`: for each token those of the greatest scores, of equal ones the
  /// lowest index; in groups, of those that are kept.
  ///
  /// A softmax and a sigmoid grow with the logit, so that logits are compared instead of scores, unless a bias is added to these or
  /// two of them are added. Let k be chosen. Each pair of experts is in one order: where the enclosures of their numbers are apart, in
  /// that of these; where their biases are equal, in that of their logits, if those are apart, as scores of far logits need more digits
  /// than there are; where their logits are equal for every token (`RouterLayer.areEqual`), or are exact and equal here, and their
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
      /// The experts in their order: those of one bias by their logits, these by their numbers.
      func ranked(_ experts: [Int]) -> [Int] {
        let byBias = Dictionary(grouping: experts) { bias?[$0] ?? 0 }.values.map {
          $0.sorted { (own[$1].midpoint, $0) < (own[$0].midpoint, $1) }
        }
        return merged(byBias) { (row[$1].midpoint, $0) < (row[$0].midpoint, $1) }
      }
      func isBefore(_ a: Int, _ b: Int) -> Bool {
        own[a].lower > own[b].upper && bias.map { $0[a] == $0[b] } ?? true || a < b && areEqual(a, b)
      }
      func first(of experts: [Int]) throws(EnclosureError) -> [Int] {
        try self.first(layer.chosen, of: ranked(experts), by: row, isBefore)
      }
      guard let groups = layer.groups else { return try first(of: Array(row.indices)) }
      let members = layer.groupedExperts
      let scores = members.map { score(row[$0], groups.score) }
      let order = members.indices.sorted { (scores[$1].midpoint, $0) < (scores[$0].midpoint, $1) }
      let kept = try self.first(groups.kept, of: order, by: scores) { a, b in
        a < b
          && (scores[a].isExact && scores[b].isExact && scores[a].midpoint == scores[b].midpoint
            || zip(members[a], members[b]).allSatisfy { areEqual($0, $1) })
      }
      return try first(of: kept.sorted().flatMap { members[$0] })
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

  /// The indices of `runs`, each of which is in order, in that of `precedes`.
  private static func merged(_ runs: [[Int]], _ precedes: (Int, Int) -> Bool) -> [Int] {
    var left = runs.map { $0[...] }
    var all: [Int] = []
    while let next = left.indices.filter({ !left[$0].isEmpty }).min(by: {
      precedes(left[$0][left[$0].startIndex], left[$1][left[$1].startIndex])
    }) {
      all.append(left[next].removeFirst())
    }
    return all
  }

  /// The first `count` of the `ranked` indices, which come before the others by `numbers`, or as `isBefore` says.
  ///
  /// - Throws: `EnclosureError.comparisonUndecided` where a pair of one of them and another has no order.
  private static func first(
    _ count: Int, of ranked: [Int], by numbers: [Ball], _ isBefore: (Int, Int) -> Bool
  ) throws(EnclosureError) -> [Int] {
    let chosen = Array(ranked.prefix(count))
    let others = ranked.dropFirst(count)
    guard let least = chosen.map({ numbers[$0].lower }).min(), let greatest = others.map({ numbers[$0].upper }).max(),
      least <= greatest
    else { return chosen }
    for one in chosen where numbers[one].lower <= greatest {
      for other in others where numbers[one].lower <= numbers[other].upper {
        guard isBefore(one, other) else {
          throw .comparisonUndecided(function: "the router's choice of experts")
        }
      }
    }
    return chosen
  }
}
