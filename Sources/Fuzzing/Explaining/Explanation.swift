extension FuzzReport {
  /// A bug that gives what a kernel gave.
  package struct Explanation: Sendable, Codable, Equatable {
    /// The mutant, such as `softmax no-maximum`.
    package let mutant: String
    /// The bug, in one sentence.
    package let cause: String
    /// The greatest distance of an output from what the bug gives, in units of what rounding may do: at most 1.
    package let margin: Double
    /// The number of failing cases of which that is proved.
    package let cases: Int
  }

  /// The explanations of a whole, from those of two parts: where both failed, what explains both.
  static func joined(_ first: [Explanation]?, _ second: [Explanation]?) -> [Explanation]? {
    guard let first, let second else { return first ?? second }
    let common = first.compactMap { one in
      second.first { $0.mutant == one.mutant }.map { other in
        Explanation(
          mutant: one.mutant, cause: one.cause, margin: max(one.margin, other.margin), cases: one.cases + other.cases)
      }
    }
    return sorted(common)
  }

  /// `explanations`, those of most failing cases first, and of these the least margin.
  static func sorted(_ explanations: [Explanation]) -> [Explanation] {
    explanations.sorted { (-$0.cases, $0.margin, $0.mutant) < (-$1.cases, $1.margin, $1.mutant) }
  }
}
