/// Logits of one kind that is not finite.
package struct NonFiniteLogits: Sendable, Codable, Equatable {
  /// The kind: `NaN`, `inf` or `-inf`.
  package let kind: String
  /// The number of such logits.
  package let count: Int
  /// The first token that has one.
  package let token: Int

  /// The kinds that occur in `logits`, one a token.
  package static func kinds(of logits: [Float]) -> [NonFiniteLogits] {
    let kinds: [(String, (Float) -> Bool)] = [
      ("NaN", \.isNaN), ("inf", { $0 == .infinity }), ("-inf", { $0 == -.infinity }),
    ]
    return kinds.compactMap { kind, isOne in
      logits.firstIndex(where: isOne).map { first in
        NonFiniteLogits(kind: kind, count: logits.count(where: isOne), token: first)
      }
    }
  }

  /// One line for people.
  package var text: String {
    count == 1 ? "1 logit is \(kind), of token \(token)" : "\(count) logits are \(kind), the first of token \(token)"
  }
}
