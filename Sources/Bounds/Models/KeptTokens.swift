import PlumbLayers
import PlumbModel
import PlumbTolerance

/// The tokens that a sampler keeps for certain, and those that it may keep, by the intervals of what it compares.
///
/// *Error bound*: with u the roundings' unit, d the error of a quotient, s the unit of the storage where a step may be stored and h half
/// of its least number, a probability is a power divided by a sum, or multiplied by a rounded reciprocal, and stored: d + 2u + s off,
/// relative, and h. A sum of n probabilities, from either end, has that, the errors γ of its own additions and of the divisor's, and
/// may be stored; top-p, or 1 less it, is rounded, and stored in the comparison: 2γ + d + 4u + 3s + (n + 3)·h of 1. Min-p multiplies a
/// probability, or adds its logarithm to a logit: two more roundings and 3h, and the error of an exponent that is made of the logarithm, a
/// sum and a quotient by the temperature. Twice that error, where it is below ½, bounds the relative change of the power.
struct KeptTokens {
  private let layer: SamplingLayer
  /// The powers of e as they are computed, the likeliest first.
  private let powers: [(lower: Double, upper: Double)]
  /// The same as the probabilities, but for the sum that divides them all.
  private let shares: [(lower: Double, upper: Double)]
  /// The numbers of tokens that are before each in any ranking, and that may be before it or are the token itself.
  private let certainlyBefore: [Int], possiblyUpTo: [Int]
  /// The relative error of min-p's comparison, and the absolute one, in units of the greatest power.
  private let limitError: Double, limitSlack: Double
  private let arithmetic: ArithmeticModel
  private let stored: Double, quotient: Double
  /// The error of a stored probability that underflows.
  private let halfLeast: Double

  /// Makes the choice of an engine in `arithmetic` that computes powers in the intervals `computed`, of logits of at most the magnitude
  /// `greatest`.
  init(
    _ computed: [(lower: Double, upper: Double)], greatest: Float, _ layer: SamplingLayer, _ arithmetic: ArithmeticModel
  ) {
    // No kernel's power of e is negative.
    let powers = computed.map { (lower: max(0, $0.lower), upper: $0.upper) }
    let unit = arithmetic.unit
    (self.powers, self.layer, self.arithmetic) = (powers, layer, arithmetic.summing)
    stored = arithmetic.losesStored ? arithmetic.storage.roundoff : 0
    quotient = max(unit, 2 * arithmetic.accumulation.roundoff * (arithmetic.functions?.divisionUlps ?? 0))
    halfLeast = arithmetic.losesStored ? arithmetic.storage.halfLeast : 0
    let share = Self.together(quotient + 2 * unit + stored)
    // Powers are in units of the greatest one, probabilities in those of the computed sum.
    let stray = arithmetic.summing.gamma(powers.count) ?? .infinity
    let sum = powers.reduce(0) { Outward.sumUp($0, $1.upper) }
    let least = sum == 0 ? 0 : Outward.productUp(Outward.productUp(sum, 1 + stray), halfLeast + arithmetic.underflow)
    shares = powers.map {
      (
        max(0, Outward.sumDown(Outward.productDown($0.lower, 1 - share), -least)),
        Outward.sumUp(Outward.productUp($0.upper, 1 + share), least)
      )
    }
    let logarithm = layer.minP > 0 ? arithmetic.logarithm(arithmetic.parameter(Double(layer.minP))) : Tracked(0)
    let divisor = layer.isTemperatureFirst ? Double(layer.temperature) : 1
    let exponent =
      (unit + quotient + stored) * 2 * Double(greatest) / divisor + logarithm.error
      + (unit + stored) * logarithm.magnitude
    limitError = exponent < 0.5 ? Self.together(2 * exponent + 2 * share + 2 * unit + stored) : .infinity
    limitSlack = 3 * least
    (certainlyBefore, possiblyUpTo) = Self.ranks(shares)
  }

  /// A bound of what relative errors that add up to `errors` make together, as factors or divisors: e/(1 − e), as for γ (Higham, lemma
  /// 3.1); nothing from 1 on.
  private static func together(_ errors: Double) -> Double { errors < 1 ? errors / (1 - errors) : .infinity }

  /// The number of tokens that are before each in any ranking, and the end of those that may be.
  ///
  /// Tokens whose intervals overlap may stand in any order. The tokens certainly before one are counted up to the first that may not be;
  /// those that may be, up to the last.
  private static func ranks(_ shares: [(lower: Double, upper: Double)]) -> (before: [Int], upTo: [Int]) {
    var (least, greatest) = (Double.infinity, [Double](repeating: 0, count: shares.count + 1))
    let leastSoFar = shares.map { share -> Double in
      least = min(least, share.lower)
      return least
    }
    for index in shares.indices.reversed() { greatest[index] = max(greatest[index + 1], shares[index].upper) }
    /// The first place of 0 ..< `count` from which on `holds`, which then holds of all that follow.
    func first(_ count: Int, _ holds: (Int) -> Bool) -> Int {
      var (low, high) = (0, count)
      while low < high {
        let middle = (low + high) / 2
        if holds(middle) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    return (
      shares.map { share in first(shares.count) { leastSoFar[$0] <= share.upper } },
      shares.map { share in first(shares.count) { greatest[$0] < share.lower } }
    )
  }

  /// The tokens that are certainly kept, and those that may be.
  ///
  /// - Parameter isLikeliest: whether a token has the greatest logit: no rounding makes it less likely than min-p asks.
  func kept(isLikeliest: [Bool]) -> (certain: [Bool], possible: [Bool])? {
    let count = layer.temperature == 0 ? 1 : layer.topK ?? powers.count
    var certain = possiblyUpTo.map { $0 <= count }
    var possible = certainlyBefore.map { $0 < count }
    if layer.temperature == 0 { return (certain, possible) }
    if layer.topP < 1 {
      guard let nucleus = nucleus(of: certain, possible) else { return nil }
      for index in powers.indices {
        certain[index] = certain[index] && nucleus[index].certain
        possible[index] = possible[index] && nucleus[index].possible
      }
    }
    let minP = Double(layer.minP)
    for index in powers.indices where minP > 0 && !isLikeliest[index] {
      if powers[index].upper * (1 + limitError) + limitSlack < minP { possible[index] = false }
      let isSure = limitError < 1 && powers[index].lower * (1 - limitError) - limitSlack >= minP
      if !isSure { certain[index] = false }
    }
    return (certain, possible)
  }

  /// Whether top-p keeps each token for certain, or may keep it: the sum of what is before it must be below top-p.
  private func nucleus(
    of certain: [Bool], _ possible: [Bool]
  ) -> [(certain: Bool, possible: Bool)]? {
    let candidates = powers.indices.filter { possible[$0] }
    guard let sum = arithmetic.gamma(candidates.count) else { return nil }
    // All sums of 2ᵏ equal tokens are multiples of 2⁻ᵏ, and 1 less a multiple of 2⁻ᵖ is one: with p bits none of them rounds.
    let precision = arithmetic.accumulation.precision
    let steps = Double(layer.topP) * FloatFormat.power(precision)
    let isExact =
      certain == possible && candidates.count.nonzeroBitCount == 1 && candidates.count < 1 << precision && stored == 0
      && candidates.allSatisfy { powers[$0] == (1, 1) } && steps == steps.rounded()
    // The bounds below are sums of as many Doubles.
    let own = Double(candidates.count) * 0x1p-50
    let least = Double(candidates.count + 3) * (halfLeast + arithmetic.underflow)
    let mass = isExact ? 0 : Self.together(2 * sum + quotient + 4 * arithmetic.unit + 3 * stored + least + own)
    let topP = Double(layer.topP)
    func sums(_ term: (Int) -> Double) -> [Double] {
      powers.indices.reduce(into: [0]) { sums, index in sums.append(sums[sums.count - 1] + term(index)) }
    }
    let (fewest, most) = (
      sums { certain[$0] ? powers[$0].lower : 0 }, sums { possible[$0] ? powers[$0].upper : 0 }
    )
    let (allOfFewest, allOfMost) = (fewest[powers.count], most[powers.count])
    return powers.indices.map { index in
      let (before, upTo) = (certainlyBefore[index], possiblyUpTo[index])
      // The greatest part that may be before it, and the least.
      let greatest = most[upTo] - powers[index].upper
      let rest = allOfFewest - fewest[upTo] + powers[index].lower
      let greatestShare = greatest > 0 ? greatest / (greatest + rest) : 0
      let least = fewest[before]
      let leastShare = least > 0 ? least / (least + allOfMost - most[before]) : 0
      return (upTo == 1 || greatestShare + mass < topP, before == 0 || leastShare - mass < topP)
    }
  }
}
