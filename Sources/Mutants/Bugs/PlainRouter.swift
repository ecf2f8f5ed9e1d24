import Foundation
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The weights of the experts of the greatest scores, in the groups that are kept; 0 elsewhere.
struct PlainRouter: PlainLayer {
  static let layer = LayerKind.router

  var logits: Activation<Float>
  var bias: [Double]
  var chosen: Int
  var isSigmoid: Bool
  var isRenormalised: Bool
  let addend: Double
  var factor: Double
  var groups: Int
  var keptGroups: Int
  /// The number of a group's experts whose numbers are added.
  var addedOfGroup: Int
  /// The group of an expert.
  var group: @Sendable (_ expert: Int, _ experts: Int, _ groups: Int) -> Int = { $0 / max($1 / $2, 1) }
  /// The number of an expert in a group that is not kept.
  var dropped = -Double.infinity
  /// The number that an expert is chosen by, from its score and its bias.
  var compared: @Sendable (_ score: Double, _ bias: Double) -> Double = { $0 + $1 }
  /// Whether an expert is chosen before another.
  var precedes: @Sendable (_ first: (number: Double, expert: Int), _ second: (number: Double, expert: Int)) -> Bool = {
    ($1.number, $0.expert) < ($0.number, $1.expert)
  }
  /// Whether the numbers of softmaxes are scores too, instead of logits.
  var keepsScores: @Sendable (Double) -> Double = { $0 }
  /// The weight of a chosen expert before it is divided, from its score and its bias.
  var weighed: @Sendable (_ score: Double, _ bias: Double) -> Double = { score, _ in score }
  /// Whether the sum is that of all experts.
  var isSumOfAll = false
  /// The change of the weights of a row, in the order of the chosen.
  var finish: @Sendable (_ weights: [Double], _ factor: Double) -> [Double] = { weights, factor in
    weights.map { $0 * factor }
  }
  /// The expert in whose place the weight of another is written.
  var placed: @Sendable (_ expert: Int, _ experts: Int) -> Int = { expert, _ in expert }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    logits = input.real("logits")
    bias = input.optionalReal("bias")?.elements.map { Double($0) } ?? []
    chosen = input.integer("chosen")
    isSigmoid = input.word("score") == "sigmoid"
    isRenormalised = input.flag("renormalised")
    addend = input.flag("addsToSum") ? 1e-20 : 0
    factor = Double(input.number("factor"))
    groups = input.integer("groups")
    keptGroups = input.integer("keptGroups")
    addedOfGroup = input.word("groupScore") == "sum-of-two" ? 2 : 1
  }

  func output() -> Activation<Float> {
    var result = [Float](repeating: 0, count: logits.elements.count)
    for token in 0..<logits.rows {
      for (expert, weight) in weights(logits.row(token).map { Double($0) }) {
        result[token * logits.columns + expert] = round(weight)
      }
    }
    return Activation(shape: logits.shape, elements: result)
  }

  private func weights(_ row: [Double]) -> [(Int, Double)] {
    let scores = scores(row)
    let biases = bias.isEmpty ? row.map { _ in 0 } : bias
    // A softmax of far logits may be 0 for several, whose order their logits still have.
    let isByLogit = !isSigmoid && bias.isEmpty && (groups == 1 || addedOfGroup == 1)
    let numbers = isByLogit ? row.map(keepsScores) : zip(scores, biases).map { compared(keepsScores($0), $1) }
    let experts = ranked(limited(numbers)).prefix(chosen)
    var own = experts.map { weighed(scores[$0], biases[$0]) }
    let shares = isSigmoid || !isRenormalised ? own : self.scores(experts.map { row[$0] })
    if isRenormalised {
      let sum = (isSumOfAll ? scores : own).reduce(0, +)
      let isPlain = !isSumOfAll && zip(own, experts.map { scores[$0] }).allSatisfy { $0 == $1 }
      own = isPlain && !isSigmoid ? shares : own.map { $0 / (sum + (isSigmoid ? addend : 0)) }
    }
    return zip(experts, finish(own, factor)).map { (placed($0, row.count), $1) }
  }

  private func scores(_ row: [Double]) -> [Double] {
    if isSigmoid { return row.map { 1 / (1 + exp(-$0)) } }
    let greatest = row.max() ?? 0
    let powers = row.map { exp($0 - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  private func ranked(_ numbers: [Double]) -> [Int] {
    numbers.indices.sorted { precedes((numbers[$0], $0), (numbers[$1], $1)) }
  }

  /// The numbers with those of groups that are not kept made `dropped`.
  private func limited(_ numbers: [Double]) -> [Double] {
    guard groups > 1 else { return numbers }
    let own = numbers.indices.map { group($0, numbers.count, groups) }
    let sums = (0..<groups).map { group in
      numbers.indices.filter { own[$0] == group }.map { numbers[$0] }.sorted(by: >).prefix(addedOfGroup).reduce(0, +)
    }
    let kept = Set(ranked(sums).prefix(keptGroups))
    return numbers.indices.map { kept.contains(own[$0]) ? numbers[$0] : dropped }
  }

  static let mutants: [Mutant] = [
    mutant("bias-forgotten", "The choice is made without the bias.") { $0.compared = { score, _ in score } },
    mutant("bias-subtracted", "The bias is subtracted for the choice.") { $0.compared = { $0 - $1 } },
    mutant("weights-biased", "The weights are those of the scores with the bias.") { $0.weighed = { $0 + $1 } },
    mutant("renormalised-never", "The weights are not divided by their sum.") { $0.isRenormalised = false },
    mutant("renormalised-always", "The weights are divided by their sum where they should not be.") {
      $0.isRenormalised = true
    },
    mutant("sum-of-all", "The weights are divided by the sum of all scores.") { $0.isSumOfAll = true },
    mutant("factor-forgotten", "The weights have no factor.") { $0.factor = 1 },
    mutant("factor-twice", "The factor is applied twice.") { $0.factor *= $0.factor },
    mutant("factor-before-sum", "The factor is applied before the division by the sum, which takes it away.") {
      if $0.isRenormalised { $0.factor = 1 }
    },
    mutant("sigmoid-for-softmax", "The scores are sigmoids, whatever they should be.") { $0.isSigmoid = true },
    mutant("softmax-for-sigmoid", "The scores are softmaxes, whatever they should be.") { $0.isSigmoid = false },
    mutant("groups-ignored", "All groups are kept.") { $0.keptGroups = $0.groups },
    mutant("groups-one-more", "One group too many is kept.") { $0.keptGroups += 1 },
    mutant("groups-interleaved", "Experts stand in turn in the groups.") {
      $0.group = { expert, _, groups in expert % groups }
    },
    mutant("group-by-greatest", "Groups are compared by the greatest number alone.") { $0.addedOfGroup = 1 },
    mutant("group-by-two", "Groups are compared by the sum of the two greatest numbers.") { $0.addedOfGroup = 2 },
    mutant("dropped-to-zero", "The numbers of groups that are dropped are 0, which may be the greatest.") {
      $0.dropped = 0
    },
    mutant("one-more", "One expert too many is chosen.") { $0.chosen += 1 },
    mutant("one-less", "One expert too few is chosen, where there are more than one.") {
      $0.chosen = max(1, $0.chosen - 1)
    },
    mutant("least-chosen", "The experts of the least scores are chosen.") {
      $0.precedes = { ($0.number, $0.expert) < ($1.number, $1.expert) }
    },
    mutant("ties-by-highest", "Of equal experts the one of the highest index is chosen.") {
      $0.precedes = { ($1.number, $1.expert) < ($0.number, $0.expert) }
    },
    mutant("choice-in-bf16", "The numbers that are compared are kept in bfloat16.") {
      $0.keepsScores = { FloatFormat.bfloat16.rounded($0) }
    },
    mutant("weights-swapped", "The first two experts have each other's weight.") {
      $0.finish = { weights, factor in
        (weights.count > 1 ? [weights[1], weights[0]] + weights.dropFirst(2) : weights).map { $0 * factor }
      }
    },
    mutant("next-expert", "Each weight is that of the expert before.") { $0.placed = { ($0 + 1) % $1 } },
    mutant("logits-in-bf16", "The logits are kept in bfloat16.") {
      $0.logits = $0.logits.map { Float(FloatFormat.bfloat16.rounded(Double($0))) }
    },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
