import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance

/// The bounds of a sampler's probabilities in an arithmetic: of what it keeps for certain, and of what rounding may make it keep.
///
/// A sampler ranks tokens by logits, or by what it made of them, and compares sums of probabilities with top-p and
/// probabilities with min-p. *Theorem.* Let each computed number that it compares lie in a known interval. A token is kept by every
/// such sampler where each of its comparisons comes out so at all ends of the intervals, and by none where one fails at all of them.
/// So each sampler keeps all of the former and none of the latter. A kept token's probability lies between its weight over the greatest sum
/// that the kept ones can have, and over the least. Equally likely tokens may be taken in any order, as sorts that are not stable do, or be
/// kept together.
package struct SamplingProof {
  private let layer: SamplingLayer
  private let arithmetic: ArithmeticModel
  /// The tokens, the likeliest first.
  private let ranked: [Int]
  private let row: [Float]
  /// The powers of e that make the probabilities, in the order of `ranked`; the likeliest token has e⁰.
  private let weights: [Tracked]
  /// The tokens, by rank, that are kept whatever rounding does, and those that may be.
  private let certain: [Bool], possible: [Bool]

  /// The probabilities of the rows of `logits`.
  ///
  /// *Edge cases*: a logit of −∞ has 0, as a mask has it; outside the domain where all are −∞, where another is not finite, or a power of
  /// e may not be.
  package static func probabilities(
    _ logits: Activation<Float>, _ layer: SamplingLayer, in arithmetic: ArithmeticModel
  ) -> Activation<Tracked> {
    let rows = concurrentMap(logits.rows) { index -> [Tracked] in
      let row = Array(logits.row(index))
      let seen = row.indices.filter { row[$0] != -.infinity }
      let values = seen.map { row[$0] }
      guard !values.isEmpty || row.isEmpty, values.allSatisfy(\.isFinite),
        let proof = SamplingProof(values, layer, arithmetic)
      else { return [Tracked](repeating: .outside, count: row.count) }
      var all = [Tracked](repeating: Tracked(0), count: row.count)
      for (token, probability) in zip(seen, proof.probabilities()) { all[token] = probability }
      return all
    }
    return Activation(shape: logits.shape, elements: Array(rows.joined()))
  }

  private init?(_ row: [Float], _ layer: SamplingLayer, _ arithmetic: ArithmeticModel) {
    (self.row, self.layer, self.arithmetic) = (row, layer, arithmetic)
    let ranked = row.indices.sorted { (row[$1], $0) < (row[$0], $1) }
    self.ranked = ranked
    let logits = ranked.map { arithmetic.read(row[$0]) }
    let powers = arithmetic.exponential(ofDifferences: arithmetic.lessGreatest(logits[...])[...])
    if layer.temperature == 0 || layer.temperature == 1 {
      weights = powers
    } else {
      let temperature = arithmetic.parameter(Double(layer.temperature))
      func divided(_ numbers: [Tracked]) -> [Tracked] {
        numbers.map { arithmetic.quotientOrReciprocal($0, temperature) }
      }
      let tempered = Self.lessFirst(divided(logits).map(arithmetic.stored), arithmetic)
      let first = arithmetic.exponential(ofDifferences: tempered[...])
      let last = arithmetic.exponential(ofDifferences: divided(arithmetic.lessGreatest(logits[...]))[...])
      weights = zip(first, last).map { first, last in arithmetic.oneOf(first) { last } }
    }
    let compared = layer.isTemperatureFirst ? weights : powers
    guard (weights + compared).allSatisfy({ $0.isReal && $0.isFinite }) else { return nil }
    let choice = KeptTokens(
      compared.map(\.computed), greatest: row.map(\.magnitude).max() ?? 0, layer, arithmetic)
    guard let kept = choice.kept(isLikeliest: ranked.map { row[$0] == row[ranked[0]] }) else { return nil }
    (certain, possible) = kept
  }

  /// Each of `logits`, the greatest first, less the greatest: where no other can be computed above the first, that one, which leaves 0 of
  /// itself.
  private static func lessFirst(_ logits: [Tracked], _ arithmetic: ArithmeticModel) -> [Tracked] {
    guard let first = logits.first, logits.allSatisfy({ $0.isReal && $0.isFinite }),
      logits.dropFirst().allSatisfy({ $0.computed.upper < first.computed.lower })
    else { return arithmetic.lessGreatest(logits[...]) }
    return [Tracked(0)] + logits.dropFirst().map { arithmetic.sum($0, -first) }
  }

  private func probabilities() -> [Tracked] {
    var result = [Tracked](repeating: Tracked(0), count: row.count)
    let kept = ranked.indices.filter { possible[$0] }
    if layer.temperature == 0 {
      for rank in kept { result[ranked[rank]] = certain[rank] ? Tracked(1) : Tracked(rank == 0 ? 1 : 0).or(0, 1) }
      return result
    }
    // The probabilities of all, perhaps stored, may be divided by the sum of those kept: a softmax twice.
    let sum = arithmetic.total(weights)
    let shares = weights.map { arithmetic.stored(arithmetic.quotientOrReciprocal($0, sum)) }
    guard certain != possible else {
      let (once, twice) = (normalised(kept, weights), normalised(kept, shares))
      for (rank, ways) in zip(kept, zip(once, twice)) { result[ranked[rank]] = arithmetic.oneOf(ways.0) { ways.1 } }
      return result
    }
    let exact = exact
    for (once, twice) in zip(ends(of: kept, weights), ends(of: kept, shares)) {
      let (rank, greatest) = (once.rank, max(once.greatest, twice.greatest))
      let least = certain[rank] ? min(once.least, twice.least) : min(0, once.least, twice.least)
      let (lower, upper) = exact?[ranked[rank]] ?? (least, greatest)
      result[ranked[rank]] = Tracked(lower: lower, upper: upper, error: 0).or(least, greatest)
    }
    return result
  }

  /// The numbers of the tokens `kept` over their sum.
  private func normalised(_ kept: [Int], _ numbers: [Tracked]) -> [Tracked] {
    let sum = arithmetic.total(kept.map { numbers[$0] })
    return kept.map { arithmetic.result(arithmetic.quotientOrReciprocal(numbers[$0], sum)) }
  }

  /// The least and the greatest probability that each token of `kept` has as one of a set that may be kept, from `numbers` that are in
  /// proportion to the probabilities.
  ///
  /// *Proof.* The computed sum of a set of n numbers lies within γₙ of the exact sum of the computed ones, in any order. So it is at
  /// least 1 − γ times the sum of the certain ones, and at most 1 + γ times that of all, with the γ of all of them.
  private func ends(
    of kept: [Int], _ numbers: [Tracked]
  ) -> [(rank: Int, least: Double, greatest: Double)] {
    let stray = arithmetic.summing.gamma(kept.count + 1) ?? 1
    let flushed = Outward.productUp(Double(kept.count), arithmetic.underflow)
    let sure = kept.filter { certain[$0] }.reduce(0) { Outward.sumDown($0, max(0, numbers[$1].computed.lower)) }
    let all = kept.reduce(0) { Outward.sumUp($0, numbers[$1].computed.upper) }
    let most = Outward.sumUp(Outward.productUp(all, 1 + stray), flushed)
    return kept.map { rank in
      let (lower, upper) = (max(0, numbers[rank].computed.lower), numbers[rank].computed.upper)
      let fewest = certain[rank] ? sure : Outward.sumDown(sure, lower)
      let least = Outward.sumDown(Outward.productDown(fewest, 1 - stray), -flushed)
      // A divisor is never below the dividend, but for the errors of the sum.
      let divisor = Tracked(lower: max(least, lower * (1 - stray)), upper: most, error: 0)
      guard divisor.lower > 0 else { return (rank, 0, .infinity) }
      let own = Tracked(lower: lower, upper: upper, error: 0)
      let ends = arithmetic.result(arithmetic.quotientOrReciprocal(own, divisor)).computed
      return (rank, ends.lower, ends.upper)
    }
  }

  /// The bounds of the exact probabilities; `nil` where no moderate precision decides what is kept.
  private var exact: [(Double, Double)]? {
    let logits = Activation(shape: [1, row.count], elements: row.map { Ball(Rational(exactly: $0) ?? 0) })
    for precision in [64, 256, 1024] {
      guard let exact = try? Reference.sampling(logits, layer, precision: precision) else { continue }
      return exact.elements.map { ($0.lower.rounded(to: Double.self, .down), $0.upper.rounded(to: Double.self, .up)) }
    }
    return nil
  }
}
