/// Groups of experts that follow one another in equal numbers: a token is given to experts of some groups only.
///
/// The `kept` groups of the greatest scores are kept, of equal ones those of the lowest index.
/// Source: DeepSeek-AI 2024, *DeepSeek-V2*, section 2.2.2 (`greatest`); *DeepSeek-V3 Technical Report*, section 2.1.2
/// (`sumOfTwo`).
package struct ExpertGroups: Sendable, Hashable {
  /// The number that groups are compared by, made of the numbers that experts are compared by.
  package enum Score: String, Sendable, CaseIterable {
    /// The greatest of the group's.
    case greatest
    /// The sum of the two greatest of the group's, which are scores.
    case sumOfTwo = "sum-of-two"
  }

  /// The number of groups.
  package var count: Int
  /// The number of groups that are kept.
  package var kept: Int
  /// The number that groups are compared by.
  package var score: Score

  /// Makes the groups.
  package init(count: Int, kept: Int, score: Score) { (self.count, self.kept, self.score) = (count, kept, score) }

  /// The faults of groups of a router's experts, in words.
  package func errors(_ router: RouterLayer) -> [String] {
    guard count > 0, router.experts.isMultiple(of: count), 1...count ~= kept else {
      return ["\(kept) of \(count) groups cannot be kept of \(router.experts) experts"]
    }
    let size = router.experts / count
    guard score == .greatest || size > 1 else { return ["a group of one expert has no sum of two scores"] }
    return kept * size >= router.chosen
      ? [] : ["\(router.chosen) experts a token cannot be chosen of \(kept) groups of \(size)"]
  }
}

extension RouterLayer {
  /// The experts of each group; one group of all where there are none.
  package var groupedExperts: [Range<Int>] {
    guard let groups else { return [0..<experts] }
    let size = experts / groups.count
    return (0..<groups.count).map { $0 * size..<($0 + 1) * size }
  }

  /// Whether scores are compared, with their biases where there are some; otherwise logits are, in whose order scores are.
  package var comparesScores: Bool { choiceBias != nil || groups?.score == .sumOfTwo }

  /// The experts of the greatest `ranks`, of equal ones the lowest index, in the groups that are kept by these.
  package func experts<Number: Comparable & AdditiveArithmetic>(by ranks: [Number]) -> [Int] {
    func greatest(_ numbers: [Number], _ count: Int, of indices: [Int]) -> [Int] {
      Array(indices.sorted { (numbers[$1], $0) < (numbers[$0], $1) }.prefix(count))
    }
    guard let groups else { return greatest(ranks, chosen, of: Array(ranks.indices)) }
    let members = groupedExperts
    let scores = members.map { members in
      greatest(ranks, groups.score == .greatest ? 1 : 2, of: Array(members)).reduce(Number.zero) { $0 + ranks[$1] }
    }
    let kept = greatest(scores, groups.kept, of: Array(members.indices))
    return greatest(ranks, chosen, of: kept.flatMap { members[$0] })
  }
}
