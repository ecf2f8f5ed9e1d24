import PlumbExact
import PlumbModel

/// The earlier tokens that each token attends to, in one head of one block, exactly.
package struct AttentionMap: Sendable, Codable {
  /// The block.
  package let block: Int
  /// The head of queries, from 0.
  package let head: Int
  /// The greatest distance of the engine's weights from the exact ones, both from the tokens alone, rounded up.
  package let drift: Double
  /// A row for each of the last tokens, `AttentionMap.greatestRows` at most.
  package let rows: [Row]

  /// The most tokens that get a row.
  static let greatestRows = 64
  /// The most tokens that a row names.
  static let greatestAttended = 5

  /// The tokens that one token attends to.
  package struct Row: Sendable, Codable {
    /// The token's position.
    package let position: Int
    /// The midpoint of the enclosure of each exact weight, for the positions up to this one, rounded to nearest.
    package let weights: [Double]
    /// The positions of the greatest weights, greatest first.
    package let attended: [Attended]
  }

  /// One token that another attends to.
  package struct Attended: Sendable, Codable {
    /// Its position.
    package let position: Int
    /// The engine's weight, a hex float.
    package let engine: String
    /// At most the exact weight, a hex float.
    package let lower: String
    /// At least the exact weight, a hex float.
    package let upper: String
    /// The exact weight in decimal, each digit proved; `?` where not one is.
    package let exact: String
    /// The exact score, before the softmax, in decimal, each digit proved; `?` where not one is.
    package let score: String
  }

  /// The map of `head` in `block`, from `[heads, tokens, positions]` each.
  init(
    block: Int, head: Int, drift: Double, engine: Activation<Float>, weights: Activation<Ball>, scores: Activation<Ball>
  ) {
    self.block = block
    self.head = head
    self.drift = drift
    let tokens = weights.shape[1]
    rows = (max(0, tokens - Self.greatestRows)..<tokens).map { position in
      let start = (head * tokens + position) * weights.shape[2]
      // No token attends to what stands after it.
      let exact = weights.elements[start...start + position]
      let greatest = exact.indices.sorted { (exact[$1].midpoint, $0) < (exact[$0].midpoint, $1) }
      return Row(
        position: position,
        weights: exact.map { $0.midpoint.rounded(to: Double.self, .toNearestOrEven) },
        attended: greatest.prefix(Self.greatestAttended).map { index in
          Attended(
            position: index - start, engine: engine.elements[index].hexadecimal,
            lower: exact[index].lower.doubleRoundedDown.hexadecimal,
            upper: exact[index].upper.doubleRoundedUp.hexadecimal, exact: exact[index].provedDigits(6),
            score: scores.elements[index].provedDigits(6))
        })
    }
  }
}
