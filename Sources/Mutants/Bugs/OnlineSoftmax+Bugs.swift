import PlumbLayers
import PlumbTolerance

// Bugs of an attention over tiles of keys, and of the merging of parts that are summed apart.
extension Attention where Context: BugContext {
  static var onlineBugs: [Bug<Self>] {
    [
      online("online-no-rescale", "Sums are not rescaled as the greatest score rises.") {
        $0.sumFactor = { factor, _ in factor.parameter(1) }
        $0.valuesFactor = { factor, _ in factor.parameter(1) }
      },
      online("online-values-unscaled", "The values so far are not rescaled, their sum is.") {
        $0.valuesFactor = { factor, _ in factor.parameter(1) }
      },
      online("online-sum-unscaled", "The sum so far is not rescaled, the values are.") {
        $0.sumFactor = { factor, _ in factor.parameter(1) }
      },
      online("online-values-unscaled-1", "The values of the first tile are not rescaled.") {
        $0.valuesFactor = { factor, tile in tile == 1 ? factor.parameter(1) : factor }
      },
      online("online-sum-unscaled-1", "The sum of the first tile is not rescaled.") {
        $0.sumFactor = { factor, tile in tile == 1 ? factor.parameter(1) : factor }
      },
      online("online-values-twice", "The values so far are rescaled twice.") {
        $0.valuesFactor = { factor, _ in factor * factor }
      },
      online("online-sum-twice", "The sum so far is rescaled twice.") {
        $0.sumFactor = { factor, _ in factor * factor }
      },
      online("online-values-inverse", "The values so far are divided by the factor.") {
        $0.valuesFactor = { factor, _ in factor.parameter(1) / factor }
      },
      online("online-sum-inverse", "The sum so far is divided by the factor.") {
        $0.sumFactor = { factor, _ in factor.parameter(1) / factor }
      },
      online("online-factor-in-bf16", "The values' factor is kept in bfloat16.") {
        $0.valuesFactor = { factor, _ in factor.rounded(to: .bfloat16) }
      },
      online("online-factor-in-float16", "The values' factor is kept in binary16.") {
        $0.valuesFactor = { factor, _ in factor.rounded(to: .float16) }
      },
      online("online-sum-forgets", "The sum is that of the last tile.") {
        $0.sumFactor = { factor, _ in factor.parameter(0) }
      },
      online("online-values-forget", "The values are those of the last tile.") {
        $0.valuesFactor = { factor, _ in factor.parameter(0) }
      },
      online("online-exp-in-base-2", "Powers are of 2, of exponents without log₂ e.") {
        $0.exponential = { $0.exponentialOfTwo() }
      },
      online("online-exp-in-bf16", "Exponentials are kept in bfloat16.") {
        $0.exponential = { $0.exponential().rounded(to: .bfloat16) }
      },
      online("online-exp-by-bits", "Exponentials are read off the bits of a Float32.") {
        $0.exponential = { $0.fastExponential() }
      },
      online("online-weights-in-bf16", "Weights meet the values in bfloat16.") {
        $0.cast = { $0.rounded(to: .bfloat16) }
      },
      online("online-weights-in-f16", "Weights meet the values in binary16.") {
        $0.cast = { $0.rounded(to: .float16) }
      },
      online("online-weights-in-e4m3", "Weights meet the values in E4M3, without a factor.") {
        $0.cast = { $0.rounded(to: .e4m3) }
      },
      online("online-sum-of-cast", "The sum is of the weights in bfloat16, the values of those before.") {
        $0.counted = { $0.rounded(to: .bfloat16) }
      },
      online("online-not-divided", "The values are not divided by the sum.") { $0.quotient = { values, _ in values } },
      online("online-one-added", "1 is added to the sum.") { $0.quotient = { $0 / ($1 + 1) } },
      online("online-reciprocal-bf16", "The reciprocal of the sum is kept in bfloat16.") {
        $0.quotient = { values, sum in values * (sum.parameter(1) / sum).rounded(to: .bfloat16) }
      },
      merged("split-lost", "The last part of the keys is lost.") {
        $0.parts = { Array($0.dropLast($0.count > 1 ? 1 : 0)) }
      },
      merged("split-first-lost", "The first part of the keys is lost.") {
        $0.parts = { Array($0.dropFirst($0.count > 1 ? 1 : 0)) }
      },
      merged("split-repeated", "The last part of the keys counts twice.") { $0.parts = { $0 + $0.suffix(1) } },
      merged("split-log-in-base-2", "Logarithms of sums are to base 2, greatest scores are not.") {
        $0.logarithm = { $0.logarithm() * 0x1.71547652b82fep0 }
      },
      merged("split-log-forgotten", "Parts are weighted by their greatest scores alone.") {
        $0.logarithm = { $0.parameter(0) }
      },
      merged("split-greatest-lost", "Parts are weighted by their sums alone.") {
        $0.parts = { parts in
          parts.map { part in
            var part = part
            part.greatest = part.greatest.parameter(0)
            return part
          }
        }
      },
      merged("split-log-negated", "The logarithms of sums are subtracted.") { $0.logarithm = { -$0.logarithm() } },
      merged("split-results-in-f16", "The parts' values are kept in binary16.") {
        $0.parts = { parts in
          parts.map { part in
            var part = part
            part.values = part.values.rounded(to: .float16)
            return part
          }
        }
      },
      merged("split-log-in-bf16", "The logarithms of sums are kept in bfloat16.") {
        $0.logarithm = { $0.logarithm().rounded(to: .bfloat16) }
      },
    ]
  }

  /// The bug of a change in sums over tiles of one key.
  private static func online(
    _ name: String, _ sentence: String, _ plant: @escaping @Sendable (inout OnlineSoftmax<Context>) -> Void
  ) -> Bug<Self> {
    changed(name, sentence, tile: 1, splits: 1, plant)
  }

  /// The bug of a change where two parts of the keys are summed apart.
  private static func merged(
    _ name: String, _ sentence: String, _ plant: @escaping @Sendable (inout OnlineSoftmax<Context>) -> Void
  ) -> Bug<Self> {
    changed(name, sentence, tile: 4, splits: 2, plant)
  }

  private static func changed(
    _ name: String, _ sentence: String, tile: Int, splits: Int,
    _ plant: @escaping @Sendable (inout OnlineSoftmax<Context>) -> Void
  ) -> Bug<Self> {
    mutant(name, sentence) { attention in
      var online = OnlineSoftmax<Context>()
      (online.tile, online.splits) = (tile, splits)
      plant(&online)
      attention.online = online
    }
  }
}
