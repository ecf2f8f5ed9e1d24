import PlumbExact
import PlumbModel

extension Reference {
  /// The probabilities with which the next token is drawn, in the shape of `logits` `[…, vocabulary]`; exactly 0 for what
  /// is not kept.
  ///
  /// The choice of the tokens to keep is decided, not enclosed. For exact logits some precision decides it: by the theorem of
  /// Lindemann and Weierstrass powers of e with different rational exponents are linearly independent over the rationals,
  /// so that a cumulated mass can equal its rational share of the whole only where all candidates are equally likely, and
  /// a power of e its rational limit only where the exponent is 0; both are then compared as whole numbers.
  /// *Error bound*: encloses the true values; from exact logits, to about `precision` bits each.
  /// - Throws: `EnclosureError` where `precision` does not decide which tokens are kept, or an attribute is outside its
  ///   range.
  package static func sampling(
    _ logits: Activation<Ball>, _ layer: SamplingLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    guard let temperature = Rational(exactly: layer.temperature), temperature >= 0, layer.topK ?? 1 > 0,
      0...1 ~= layer.topP, 0...1 ~= layer.minP
    else { throw .argumentOutsideDomain(function: "sampling: \(layer)") }
    let rows = try concurrentMap(logits.rows) { index throws(EnclosureError) -> [Ball] in
      let row = Array(logits.row(index))
      var probabilities = [Ball](repeating: Ball(0), count: row.count)
      let ranked = try ranked(row)
      guard !temperature.isZero else {
        if let likeliest = ranked.first { probabilities[likeliest] = Ball(1) }
        return probabilities
      }
      let kept = try kept(Array(ranked.prefix(layer.topK ?? row.count)), of: row, layer, precision: precision + 8)
      let drawn = kept.map { row[$0] * Ball(1 / temperature) }
      for (token, probability) in zip(kept, try softmax(drawn[...], precision: precision)) {
        probabilities[token] = probability
      }
      return probabilities
    }
    return Activation(shape: logits.shape, elements: Array(rows.joined()))
  }

  /// The indices of `row`, the greatest element first, of equal ones the lowest index.
  private static func ranked(_ row: [Ball]) throws(EnclosureError) -> [Int] {
    let ranked = row.indices.sorted { (row[$1].midpoint, $0) < (row[$0].midpoint, $1) }
    for (higher, lower) in zip(ranked.map { row[$0] }, ranked.dropFirst().map { row[$0] }) {
      guard higher.isExact && lower.isExact || higher.lower > lower.upper else {
        throw .argumentOutsideDomain(function: "sampling: logits that overlap")
      }
    }
    return ranked
  }

  /// The tokens that top-p and then min-p keep of `candidates`, which are ranked.
  private static func kept(
    _ candidates: [Int], of row: [Ball], _ layer: SamplingLayer, precision: Int
  ) throws(EnclosureError) -> [Int] {
    guard let likeliest = candidates.first, let topP = Rational(exactly: layer.topP),
      let minP = Rational(exactly: layer.minP)
    else { return candidates }
    if topP == 1 && minP.isZero { return candidates }
    let divisor = layer.isTemperatureFirst ? Rational(exactly: layer.temperature) ?? 1 : 1
    let powers = try candidates.map { token throws(EnclosureError) in
      try Ball.exp((row[token] - row[likeliest]) * Ball(1 / divisor), precision: precision)
    }
    func sum(_ a: Ball, _ b: Ball) -> Ball { (a + b).rounded(to: precision + 64) }
    var count = candidates.count
    if topP < 1 {
      let wanted = powers.reduce(Ball(0), sum) * Ball(topP)
      var reached = powers[0]
      count = 1
      // The likeliest have the power 1, and what is less likely has a positive one, though it may be below every
      // enclosure: where the former alone reach their share exactly, all together have yet to reach theirs.
      let equals = powers.prefix { $0.isExact }.count
      let share = topP * Rational(Integer(equals))
      func isShort() -> Bool {
        count <= equals && equals < candidates.count && Rational(Integer(count)) <= share
      }
      while true {
        if !isShort(), try isAtLeast(reached, wanted) { break }
        reached = sum(reached, powers[count])
        count += 1
      }
    }
    if minP.isZero { return Array(candidates.prefix(count)) }
    var kept: [Int] = []
    for (token, power) in zip(candidates, powers).prefix(count) where try isAtLeast(power, Ball(minP)) {
      kept.append(token)
    }
    return kept
  }

  /// Whether `x` is at least `y`.
  private static func isAtLeast(_ x: Ball, _ y: Ball) throws(EnclosureError) -> Bool {
    if x.lower >= y.upper { return true }
    if x.upper < y.lower { return false }
    throw .comparisonUndecided(function: "sampling")
  }
}
