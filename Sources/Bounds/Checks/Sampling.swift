import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The probabilities of sampling: the engine's declared accuracy before its one rounding, and 0 for what is not kept.
  ///
  /// Either outcome of a comparison is right where it is closer than the declared errors of its sides: then an element may
  /// be as far from the exact one as any of the sets that rounding can lead to makes it. Otherwise a wrong set is outside.
  /// *Edge cases*: a logit of −∞ has 0, as a mask has it; nothing is claimed of a row of −∞ alone.
  package static func sampling(
    _ logits: Activation<Float>, _ layer: SamplingLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard logits.elements.allSatisfy({ $0.isFinite || $0 == -.infinity }) else { return nil }
    let rows = try concurrentMap(logits.rows) { index throws(EnclosureError) -> [(exact: Ball, bound: Rational?)] in
      let row = Array(logits.row(index))
      let seen = row.indices.filter { row[$0] != -.infinity }
      let values = try sampling(seen.map { row[$0] }, layer, precision: precision)
      var all = [(exact: Ball, bound: Rational?)](repeating: (Ball(0), seen.isEmpty ? nil : 0), count: row.count)
      for (token, value) in zip(seen, values) { all[token] = value }
      return all
    }
    let elements = rows.joined()
    return Expectation(
      exact: Activation(shape: logits.shape, elements: elements.map(\.exact)), bounds: elements.map(\.bound))
  }

  private static func sampling(
    _ row: [Float], _ layer: SamplingLayer, precision: Int
  ) throws(EnclosureError) -> [(exact: Ball, bound: Rational?)] {
    let inputs = Activation(shape: [1, row.count], elements: row.map { Ball(Rational(exactly: $0) ?? 0) })
    let exact = try Reference.sampling(inputs, layer, precision: precision).elements
    // The declared accuracies are proved for rows of fewer than 2²⁴ elements.
    guard row.count < 1 << 24 else { return exact.map { ($0, nil) } }
    guard layer.temperature > 0 else { return exact.map { ($0, 0) } }
    let choice = try SamplingChoice(row, layer)
    let declared = Engine.samplingRelativeError(terms: choice.possible.count).rational
    return zip(exact, try choice.strayed(from: exact, layer)).map { ball, strayed in
      let bound =
        ball.isExact && strayed.isZero
        ? Tolerance.oneRounding(of: ball)
        : Tolerance.oneRounding(of: ball, relativeError: declared, absoluteError: strayed * (1 + declared))
      return (ball, bound)
    }
  }
}

/// The tokens that the engine's arithmetic may keep of one row.
private struct SamplingChoice {
  private let row: [Float]
  /// Kept whatever rounding does.
  let certain: Set<Int>
  /// Kept at some rounding.
  let possible: Set<Int>

  init(_ row: [Float], _ layer: SamplingLayer) throws(EnclosureError) {
    self.row = row
    let ranked = row.indices.sorted { (row[$1], $0) < (row[$0], $1) }
    let candidates = Array(ranked.prefix(layer.topK ?? row.count))
    let powers = try Self.powers(candidates, of: row, over: 1)
    let counts = Self.nucleus(powers, Rational(exactly: layer.topP) ?? 1)
    let least = Rational(exactly: layer.minP) ?? 0
    var (certain, possible) = (Set<Int>(), Set<Int>())
    for (rank, (token, power)) in zip(candidates, powers).enumerated() where rank < counts.greatest {
      let error = power.isExact ? 0 : Engine.samplingMassError(terms: 1).rational
      if power.upper * (1 + error) < least { continue }
      possible.insert(token)
      if rank < counts.least && power.lower * (1 - error) >= least { certain.insert(token) }
    }
    (self.certain, self.possible) = (certain, possible)
  }

  /// e to the power of each candidate's difference to the first, over `divisor`.
  private static func powers(_ tokens: [Int], of row: [Float], over divisor: Rational) throws(EnclosureError) -> [Ball]
  {
    guard let first = tokens.first, let greatest = Rational(exactly: row[first]) else { return [] }
    return try tokens.map { token throws(EnclosureError) in
      let difference = ((Rational(exactly: row[token]) ?? 0) - greatest) / divisor
      let power = try Ball.exp(Ball(difference), precision: 96)
      return Ball(lower: max(0, power.lower), upper: power.upper)
    }
  }

  /// The least and the greatest number of candidates at which the engine's sum may be found to have reached `mass`.
  ///
  /// The engine's sums and products are exact where all are equally likely, for then their powers are 1: the sums are of fewer
  /// than 2²⁴ terms, the products with the 24 bits of `mass`.
  private static func nucleus(_ powers: [Ball], _ mass: Rational) -> (least: Int, greatest: Int) {
    guard mass < 1 else { return (powers.count, powers.count) }
    func sum(_ a: Ball, _ b: Ball) -> Ball { (a + b).rounded(to: 160) }
    let isExact = powers.allSatisfy(\.isExact)
    let error = isExact ? 0 : Engine.samplingMassError(terms: powers.count).rational
    let wanted = powers.reduce(Ball(0), sum) * Ball(mass)
    var (reached, least) = (Ball(0), 0)
    for (index, power) in powers.enumerated() {
      reached = sum(reached, power)
      let isBelow = reached.upper * (1 + error) < wanted.lower * (1 - error)
      if !isBelow && least == 0 { least = index + 1 }
      if reached.lower * (1 - error) >= wanted.upper * (1 + error) { return (least, index + 1) }
    }
    return (max(least, 1), powers.count)
  }

  /// The greatest distance of each element from `exact` that the choice of what is kept alone can make.
  ///
  /// With E the powers of e at the temperature, an element that is kept is Eᵢ / Σ E over a set between the certain and the
  /// possible ones.
  func strayed(from exact: [Ball], _ layer: SamplingLayer) throws(EnclosureError) -> [Rational] {
    var strayed = [Rational](repeating: 0, count: exact.count)
    guard certain.count < possible.count, let temperature = Rational(exactly: layer.temperature) else { return strayed }
    let tokens = possible.sorted { (row[$1], $0) < (row[$0], $1) }
    let powers = try Self.powers(tokens, of: row, over: temperature)
    let fewest = zip(tokens, powers).reduce(Rational(0)) { sum, candidate in
      certain.contains(candidate.0) ? (sum + candidate.1.lower).rounded(toBits: 160, .down) : sum
    }
    let most = powers.reduce(Rational(0)) { ($0 + $1.upper).rounded(toBits: 160, .up) }
    for (token, power) in zip(tokens, powers) {
      let others = certain.contains(token) ? max(0, fewest - power.lower) : fewest
      let (upper, lower) = (power.upper, power.lower)
      let greatest = upper.isZero ? 0 : upper / (others + upper)
      let least = certain.contains(token) && !lower.isZero ? lower / (most - upper + lower) : 0
      let distance = max(greatest - exact[token].lower, exact[token].upper - least)
      strayed[token] = max(0, distance).rounded(toBits: 64, .up)
    }
    return strayed
  }
}
