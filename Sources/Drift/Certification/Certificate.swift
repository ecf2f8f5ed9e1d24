public import PlumbExact
import PlumbModel

/// The exact logits and next-token probabilities of a prompt, each enclosed.
public struct Certificate: Sendable {
  /// The prompt.
  public let tokens: [Int]
  /// The working precision of the pass, in bits.
  public let precision: Int
  /// Every enclosure is narrower than 10^−`digits`.
  public let digits: Int
  /// The logits of the last token, by token.
  public let logits: [Ball]
  /// The probabilities of the next token, by token.
  public let probabilities: [Ball]

  /// The tokens by the midpoint of their logit, greatest first; ties by lowest number.
  public let ranking: [Int]

  init(tokens: [Int], precision: Int, digits: Int, logits: [Ball], probabilities: [Ball]) {
    self.tokens = tokens
    self.precision = precision
    self.digits = digits
    self.logits = logits
    self.probabilities = probabilities
    // Rounding keeps the order: only what is rounded alike must be compared exactly.
    let rounded = logits.map(\.midpoint.doubleRoundedUp)
    ranking = logits.indices.sorted {
      rounded[$0] != rounded[$1]
        ? rounded[$0] > rounded[$1] : (logits[$1].midpoint, $0) < (logits[$0].midpoint, $1)
    }
  }
}

/// What is proved of a choice that was made from inexact logits.
public enum Proof: String, Sendable, Codable {
  /// It is the choice that the exact logits make.
  case proved
  /// It is not.
  case refuted
  /// The enclosures, or two equal logits, leave it open.
  case undecided
}

extension Certificate {
  /// Whether `tokens` are the likeliest tokens of the exact distribution, as many as they are.
  ///
  /// *Edge cases*: *undecided* where the last of them and the first of the others are not separated, as two tokens with
  /// the same weights never are.
  public func areLikeliest(_ tokens: [Int]) -> Proof {
    proof(of: tokens, leading: tokens.count)
  }

  /// Whether `tokens` are the fewest likeliest tokens whose exact probabilities reach `mass`.
  ///
  /// The nucleus has n tokens where the n likeliest reach `mass` and n − 1 of them do not.
  public func areNucleus(_ tokens: [Int], of mass: Rational) -> Proof {
    var (least, greatest) = (Rational(0), Rational(0))
    for (index, token) in ranking.enumerated() {
      // Until here the exact sum may already have reached `mass`.
      if index > 0 && greatest >= mass { return .undecided }
      least = least + probabilities[token].lower
      greatest = greatest + probabilities[token].upper
      if least >= mass { return proof(of: tokens, leading: index + 1) }
    }
    // All tokens together have mass 1, which their lower bounds need not reach.
    return mass >= 1 && greatest >= mass ? proof(of: tokens, leading: logits.count) : .undecided
  }

  /// Whether `tokens` are the first `count` of the exact ranking.
  private func proof(of tokens: [Int], leading count: Int) -> Proof {
    let ranking = ranking
    let (leading, others) = (ranking.prefix(count), ranking.dropFirst(count))
    let least = leading.map { logits[$0].lower }.min() ?? 0
    let isSeparated = others.allSatisfy { logits[$0].upper < least }
    if isSeparated || others.isEmpty { return Set(leading) == Set(tokens) ? .proved : .refuted }
    // Not separated, yet wrong if one that is out is proved greater than one that is in.
    let chosen = Set(tokens)
    guard tokens.count == count, let weakest = tokens.map({ logits[$0].upper }).min() else { return .undecided }
    return logits.indices.contains { !chosen.contains($0) && logits[$0].lower > weakest } ? .refuted : .undecided
  }
}
