import PlumbExact
import PlumbModel

/// The exact logits and next-token probabilities of a prompt, each enclosed.
package struct Certificate: Sendable {
  /// The prompt.
  package let tokens: [Int]
  /// The working precision of the pass, in bits.
  package let precision: Int
  /// Every enclosure is narrower than 10^−`digits`.
  package let digits: Int
  /// The logits of the last token, by token.
  package let logits: [Ball]
  /// The probabilities of the next token, by token.
  package let probabilities: [Ball]

  /// The tokens by the midpoint of their logit, greatest first; ties by lowest number.
  package let ranking: [Int]

  package init(tokens: [Int], precision: Int, digits: Int, logits: [Ball], probabilities: [Ball]) {
    self.tokens = tokens
    self.precision = precision
    self.digits = digits
    self.logits = logits
    self.probabilities = probabilities
    ranking = Self.descending(logits.map(\.midpoint))
  }

  /// The places of `values`, the greatest value first; of equal ones the lowest place first.
  fileprivate static func descending(_ values: [Rational]) -> [Int] {
    // Rounding keeps the order: only what is rounded alike must be compared exactly.
    let rounded = values.map(\.doubleRoundedUp)
    return values.indices.sorted {
      rounded[$0] != rounded[$1] ? rounded[$0] > rounded[$1] : (values[$1], $0) < (values[$0], $1)
    }
  }
}

/// The outcome of a proof about a choice that was made from inexact logits.
package enum Proof: String, Sendable, Codable {
  /// It is the choice that the exact logits make.
  case proved
  /// It is not.
  case refuted
  /// The enclosures, or two equal logits, leave it open.
  case undecided
}

extension Certificate {
  /// Whether `tokens` are the likeliest tokens of the exact distribution: the `count` likeliest, without a count as many
  /// as they are.
  ///
  /// *Theorem.* Let the exact logits be any points of their balls. If the least lower end in a set of `count` tokens is
  /// above the greatest upper end outside it, each token in it is likelier than each outside: it is the set, and the only
  /// one. If the lower end of one outside is above the upper end of one in it, the one outside is the likelier: it is
  /// not the set, however ties are broken. Nor is a set of more or fewer tokens than `count`.
  ///
  /// *Edge cases*: *undecided* where a token of the set and one outside are not separated, as two tokens with the same
  /// weights never are.
  package func areLikeliest(_ tokens: [Int], count: Int? = nil) -> Proof {
    let chosen = Set(tokens)
    guard chosen.count == count ?? chosen.count else { return .refuted }
    let others = logits.indices.lazy.filter { !chosen.contains($0) }
    guard let rival = others.map({ logits[$0].upper }).max(), let least = chosen.lazy.map({ logits[$0].lower }).min()
    else { return .proved }
    if least > rival { return .proved }
    guard let sure = others.map({ logits[$0].lower }).max(), let weakest = chosen.lazy.map({ logits[$0].upper }).min()
    else { return .undecided }
    return sure > weakest ? .refuted : .undecided
  }

  /// Whether `tokens` are the fewest likeliest tokens whose exact probabilities reach `mass`.
  ///
  /// *Theorem.* Let the exact probabilities be any points of their balls. The n likeliest tokens hold the greatest sum that
  /// n tokens can hold. Hence at least the sum of any n lower ends, so that of the n greatest lower ends of *all* tokens;
  /// and at most the sum of the n greatest upper ends of all tokens. A set of n tokens is the nucleus where it is proved to
  /// be the n likeliest, the n greatest lower ends reach `mass`, and the n − 1 greatest upper ends do not. It is not where
  /// it is proved not to be the n likeliest, the n greatest upper ends do not reach `mass`, or the n − 1 greatest lower
  /// ends do. Probabilities are positive and add up to 1: all tokens reach 1, and fewer do not.
  package func areNucleus(_ tokens: [Int], of mass: Rational) -> Proof {
    let count = Set(tokens).count
    if mass >= 1 { return count == logits.count ? .proved : .refuted }
    guard count > 0 else { return .refuted }
    let (lower, upper) = (probabilities.map(\.lower), probabilities.map(\.upper))
    let least = Self.descending(lower).prefix(count).map { lower[$0] }
    let greatest = Self.descending(upper).prefix(count).map { upper[$0] }
    func sum(_ values: some Sequence<Rational>) -> Rational { values.reduce(0, +) }
    let likeliest = areLikeliest(tokens)
    if likeliest == .refuted || sum(greatest) < mass || sum(least.dropLast()) >= mass { return .refuted }
    return likeliest == .proved && sum(least) >= mass && sum(greatest.dropLast()) < mass ? .proved : .undecided
  }
}
