/// A change of the frequencies by which a rotary embedding turns, for contexts longer than those of training.
///
/// Source: the configuration of Llama 3.1 (`smooth`); Peng et al. 2023, *YaRN*, section 3.2 (`ramp`); Ding et al. 2024,
/// *LongRoPE*, section 3.1 (`divisors`).
package enum FrequencyScaling: Sendable, Hashable {
  /// The frequencies as they are.
  case none
  /// Frequency i over the real number that binary32 i is.
  case divisors([Float])
  /// The frequency f times (1 − t) / factor + t, where t is (context · f / 2π − low) / (high − low), kept within [0, 1].
  case smooth(factor: Float, low: Float, high: Float, context: Float)
  /// Frequency i times 1 − r + r / factor, where r is (i − first) / (last − first), kept within [0, 1]; of equal ends a step.
  case ramp(factor: Float, first: Int, last: Int)
  /// Frequency f times 1 − r + r / factor, where r is log(fast / n) / log(fast / slow), kept within [0, 1], and n the turns of
  /// `context` positions, context · f / 2π: the ramp between the very pairs that turn `fast` and `slow` times.
  case turns(factor: Float, fast: Float, slow: Float, context: Float)

  /// The change in words.
  package var words: String {
    switch self {
    case .none: "as they are"
    case .divisors(let divisors): "divided by \(divisors.count) numbers"
    case .smooth(let factor, let low, let high, let context):
      "divided by \(factor) below \(low) turns in \(context) positions, as they are above \(high)"
    case .ramp(let factor, let first, let last): "as they are up to pair \(first), divided by \(factor) from \(last) on"
    case .turns(let factor, let fast, let slow, let context):
      "as they are above \(fast) turns in \(context) positions, divided by \(factor) below \(slow)"
    }
  }

  /// The share r of pair `index` in a ramp, as a quotient.
  package static func ramp(_ index: Int, from first: Int, to last: Int) -> (numerator: Int, denominator: Int) {
    let width = max(last - first, 1)
    return (min(max(index - first, 0), width), width)
  }

  /// The faults of its numbers for `pairs` pairs, in words.
  func errors(pairs: Int) -> [String] {
    func isPositive(_ number: Float) -> Bool { number > 0 && number.isFinite }
    switch self {
    case .none: return []
    case .divisors(let divisors):
      guard divisors.count == pairs else {
        return ["\(divisors.count) divisors of frequencies do not go with \(pairs) pairs"]
      }
      return divisors.filter { !isPositive($0) }.prefix(1).map {
        "the divisor \($0) of a frequency is not positive and finite"
      }
    case .smooth(let factor, let low, let high, let context):
      let isSound = isPositive(factor) && isPositive(context) && isPositive(low) && low < high && high.isFinite
      return isSound ? [] : ["frequencies cannot be scaled by \(factor) between \(low) and \(high) turns of \(context)"]
    case .ramp(let factor, let first, let last):
      return isPositive(factor) && first <= last
        ? [] : ["frequencies cannot be scaled by \(factor) from pair \(first) to pair \(last)"]
    case .turns(let factor, let fast, let slow, let context):
      let isSound = isPositive(factor) && isPositive(context) && isPositive(slow) && slow < fast && fast.isFinite
      return isSound
        ? [] : ["frequencies cannot be scaled by \(factor) between \(slow) and \(fast) turns of \(context)"]
    }
  }
}

/// The factor of a rotary embedding's sines and cosines.
///
/// Source: Peng et al. 2023, *YaRN*, section 3.4 (`logarithms`); Ding et al. 2024, *LongRoPE*, section 3.3 (`root`).
package enum RotaryMagnitude: Sendable, Hashable {
  /// The real number that this binary32 is.
  case number(Float)
  /// (1 + numerator · ln factor / 10) / (1 + denominator · ln factor / 10), for a factor above 1.
  case logarithms(factor: Float, numerator: Float = 1, denominator: Float = 0)
  /// √(1 + ln factor / ln context), for both above 1.
  case root(factor: Float, context: Float)

  /// Whether it is 1.
  package var isOne: Bool { self == .number(1) }

  /// The faults of its numbers, in words.
  var errors: [String] {
    let isSound =
      switch self {
      case .number(let number): number > 0 && number.isFinite
      case .logarithms(let factor, let numerator, let denominator):
        factor > 1 && factor.isFinite && [numerator, denominator].allSatisfy { $0 >= 0 && $0.isFinite }
      case .root(let factor, let context): factor > 1 && factor.isFinite && context > 1 && context.isFinite
      }
    return isSound ? [] : ["the factor of sines and cosines, \(self), is not known"]
  }
}
