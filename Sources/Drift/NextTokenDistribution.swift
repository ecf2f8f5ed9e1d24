import PlumbExact
import PlumbFormats

/// The distribution of the next token: the engine's, and the exact one.
package struct NextTokenDistribution {
  /// The engine's logits, from which it chooses.
  let logits: [Float]
  /// The engine's probabilities.
  let engine: [Float]
  /// The exact probabilities.
  let exact: [Ball]
  private let tokenizer: any Tokenizer

  /// Makes the distribution of the tokens that `tokenizer` knows.
  package init(logits: [Float], engine: [Float], exact: [Ball], tokenizer: any Tokenizer) {
    self.logits = logits
    self.engine = engine
    self.exact = exact
    self.tokenizer = tokenizer
  }

  /// The `count` likeliest tokens by the midpoint of their exact probability, greatest first; ties by lowest number.
  package func likeliest(_ count: Int) -> [NextToken] {
    let order = exact.indices.sorted {
      (exact[$1].midpoint, $0) < (exact[$0].midpoint, $1)
    }
    return order.prefix(count).map { token in
      NextToken(
        token: token, text: String(decoding: tokenizer.bytes(of: token), as: UTF8.self),
        engine: engine[token].hexadecimal, lower: exact[token].lower.doubleRoundedDown.hexadecimal,
        upper: exact[token].upper.doubleRoundedUp.hexadecimal, exact: exact[token].provedDigits(10))
    }
  }

  /// Whether the engine's first choice, the lowest number among the greatest logits, is proved to be the exact first
  /// choice.
  ///
  /// *Edge cases*: false where a logit is not finite, as there is then no choice to speak of.
  package var topTokenProved: Bool { Self.choice(of: logits).map { $0 == Self.provedChoice(of: exact) } ?? false }

  /// The lowest number among the greatest of `logits`; `nil` where one is not finite, and of none.
  package static func choice(of logits: [Float]) -> Int? {
    guard logits.allSatisfy(\.isFinite), let greatest = logits.max() else { return nil }
    return logits.firstIndex(of: greatest)
  }

  /// The token that is proved to be the likeliest of `exact` probabilities; `nil` where none is.
  ///
  /// *Theorem.* If the lower end of a probability is above the upper ends of all others, it is the greatest whatever points
  /// of the balls the exact probabilities are; and so is its midpoint.
  package static func provedChoice(of exact: [Ball]) -> Int? {
    guard let likeliest = exact.indices.max(by: { exact[$0].midpoint < exact[$1].midpoint }) else { return nil }
    let least = exact[likeliest].lower
    return exact.indices.allSatisfy { $0 == likeliest || exact[$0].upper < least } ? likeliest : nil
  }
}
