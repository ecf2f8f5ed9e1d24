import Foundation
import PlumbDrift
import PlumbModel

/// h = x + output · attention(norm(x)), y = h + gated-feed-forward(norm(h)); post-normalised, the norms follow the sums.
struct PlainBlock: PlainLayer {
  static let layer = LayerKind.block

  let input: CheckedCase
  let x: [Double]
  var isPostNormalised: Bool
  var epsilon: Double
  var theta: Double
  var factor: Double
  var isInterleaved: Bool
  let rotatedSize: Int
  /// What is turned.
  var turnsQuery = true
  var turnsKey = true
  var turnsValue = false
  var firstPosition = 0.0
  var attentionNorm: [Double]
  var feedForwardNorm: [Double]
  /// Whether the norms are computed.
  var normalisesAttention = true
  var normalisesFeedForward = true
  /// What the two sums add to the results of the halves, from the block's input and the middle.
  var firstResidual: (_ x: Double) -> Double = { $0 }
  var secondResidual: (_ x: Double, _ middle: Double) -> Double = { $1 }
  /// What the feed-forward layer takes, from the block's input and the middle.
  var fed: (_ x: [Double], _ middle: [Double]) -> [Double] = { $1 }
  /// What becomes of what lies between the halves.
  var between: (Double) -> Double = { $0 }
  /// Whether the heads' order is lost when they are joined.
  var joinsElementFirst = false
  /// Bugs of the halves.
  var plantAttention: (inout PlainAttention) -> Void = { _ in }
  var plantFeedForward: (inout PlainGatedFeedForward) -> Void = { _ in }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    self.input = input
    x = input.real("x").elements.map(Double.init)
    isPostNormalised = input.flag("postNormalised")
    epsilon = Double(input.number("epsilon"))
    theta = Double(input.number("theta"))
    factor = Double(input.number("scalingFactor"))
    isInterleaved = input.flag("interleaved")
    rotatedSize = input.integer("rotatedSize") == 0 ? input.extent("headSize") : input.integer("rotatedSize")
    attentionNorm = input.real("attentionNorm").elements.map(Double.init)
    feedForwardNorm = input.real("feedForwardNorm").elements.map(Double.init)
  }

  func output() -> Activation<Float> {
    func attentionNormalised(_ x: [Double]) -> [Double] {
      normalisesAttention ? PlainStep.rmsNorm(x, attentionNorm, epsilon: epsilon) : x
    }
    func feedForwardNormalised(_ x: [Double]) -> [Double] {
      normalisesFeedForward ? PlainStep.rmsNorm(x, feedForwardNorm, epsilon: epsilon) : x
    }
    let attended = attended(isPostNormalised ? x : attentionNormalised(x))
    let sum = zip(x, attended).map { firstResidual($0) + $1 }
    let middle = (isPostNormalised ? attentionNormalised(sum) : sum).map(between)
    var feedForward = PlainGatedFeedForward(
      input, x: isPostNormalised ? fed(x, middle) : feedForwardNormalised(fed(x, middle)))
    plantFeedForward(&feedForward)
    let values = feedForward.values()
    let result = values.indices.map { secondResidual(x[$0], middle[$0]) + values[$0] }
    return Activation(
      shape: input.real("x").shape, elements: (isPostNormalised ? feedForwardNormalised(result) : result).map(round))
  }

  /// The attention's half, from its input to the heads' projection back.
  private func attended(_ x: [Double]) -> [Double] {
    let (hidden, size) = (input.extent("hidden"), input.extent("headSize"))
    func weight(_ name: String) -> [Double] { input.real(name).elements.map(Double.init) }
    func heads(_ name: String, _ count: Int, isTurned: Bool) -> Activation<Double> {
      var values = PlainStep.product(x, weight(name), inputs: hidden)
      if isTurned {
        values = PlainStep.rotated(
          values, heads: count, headSize: size, size: rotatedSize, theta: theta, isInterleaved: isInterleaved
        ) { (Double($0) + firstPosition) / factor }
      }
      return Activation(shape: [input.extent("tokens"), count, size], elements: values)
    }
    let (queries, keys) = (input.extent("heads"), input.extent("keyValueHeads"))
    var attention = PlainAttention(
      input, query: heads("query", queries, isTurned: turnsQuery), key: heads("key", keys, isTurned: turnsKey),
      value: heads("value", keys, isTurned: turnsValue))
    plantAttention(&attention)
    var joined = attention.values().elements
    if joinsElementFirst {
      let width = queries * size
      let right = joined
      for index in right.indices {
        let (head, element) = (index % width / size, index % size)
        joined[index / width * width + element * queries + head] = right[index]
      }
    }
    return PlainStep.product(joined, weight("output"), inputs: queries * size)
  }

  static let mutants: [Mutant] = halves + wiring

  /// Bugs in the way the halves are joined.
  private static let wiring: [Mutant] = [
    mutant("residual-forgotten", "The input is not added to the attention's result.") { $0.firstResidual = { _ in 0 } },
    mutant("second-residual-forgotten", "The middle is not added to the feed-forward layer's result.") {
      $0.secondResidual = { _, _ in 0 }
    },
    mutant("residual-of-input", "The block's input is added where the middle should be.") {
      $0.secondResidual = { x, _ in x }
    },
    mutant("residual-twice", "The input is added twice.") { $0.firstResidual = { 2 * $0 } },
    mutant("parallel", "The feed-forward layer takes the block's input, as in parallel blocks.") {
      $0.fed = { x, _ in x }
    },
    mutant("norm-after", "The norms follow the sums where they should come before, or the reverse.") {
      $0.isPostNormalised.toggle()
    },
    mutant("norm-forgotten", "The attention's norm is left out.") { $0.normalisesAttention = false },
    mutant("second-norm-forgotten", "The feed-forward layer's norm is left out.") {
      $0.normalisesFeedForward = false
    },
    mutant("norms-swapped", "The norms' weights are swapped.") {
      ($0.attentionNorm, $0.feedForwardNorm) = ($0.feedForwardNorm, $0.attentionNorm)
    },
    mutant("norm-less-1", "1 is added to the norms' weights.") {
      $0.attentionNorm = $0.attentionNorm.map { $0 + 1 }
      $0.feedForwardNorm = $0.feedForwardNorm.map { $0 + 1 }
    },
    mutant("epsilon-tenfold", "The norms' epsilon is ten times too large.") { $0.epsilon *= 10 },
    mutant("middle-in-bf16", "What lies between the halves is kept in bfloat16.") {
      $0.between = { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("middle-in-float16", "What lies between the halves is kept in binary16.") {
      $0.between = { NarrowFormat.float16.rounded($0) }
    },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]

  /// Bugs within the halves.
  private static let halves: [Mutant] = [
    mutant("query-not-turned", "Queries are not turned by their positions.") { $0.turnsQuery = false },
    mutant("key-not-turned", "Keys are not turned by their positions.") { $0.turnsKey = false },
    mutant("value-turned", "Values are turned by their positions too.") { $0.turnsValue = true },
    mutant("nothing-turned", "Positions are forgotten.") {
      $0.turnsQuery = false
      $0.turnsKey = false
    },
    mutant("pairing-swapped", "Neighbours are paired where halves should be, or the reverse.") {
      $0.isInterleaved.toggle()
    },
    mutant("theta-10000", "The base is 10000 whatever the model says.") { $0.theta = 10000 },
    mutant("factor-ignored", "Positions are not scaled.") { $0.factor = 1 },
    mutant(
      "position-plus-1", "Positions count from 1.",
      proof: "Turns of a query and a key by the same angle leave their product as it is: only the difference of two "
        + "positions counts, and rounding moves it less than the bounds allow."
    ) { $0.firstPosition = 1 },
    mutant("mask-ignored", "Every token sees every position.") {
      $0.plantAttention = {
        $0.mask.isCausal = false
        $0.mask.window = 0
      }
    },
    mutant("mask-one-short", "A token does not see itself.") { $0.plantAttention = { $0.seenBeyond = -1 } },
    mutant("heads-modulo", "Query heads take heads of keys and values in turn.") {
      $0.plantAttention = {
        $0.keyHead = { head, _, others in head % others }
        $0.valueHead = $0.keyHead
      }
    },
    mutant("scale-1-over-d", "Scores are divided by the head's size, not by its root.") {
      $0.plantAttention = { $0.scaled = { $0 / $1 } }
    },
    mutant("cap-forgotten", "The soft cap is forgotten.") {
      $0.plantAttention = { $0.capped = PlainSoftCap.forgotten }
    },
    mutant("cache-in-float16", "Keys and values go through binary16.") {
      $0.plantAttention = {
        $0.key = $0.key.map { NarrowFormat.float16.rounded($0) }
        $0.value = $0.value.map { NarrowFormat.float16.rounded($0) }
      }
    },
    mutant("heads-joined-wrongly", "Heads are joined element by element instead of one after the other.") {
      $0.joinsElementFirst = true
    },
    mutant("gate-up-swapped", "Gate and up are swapped.") {
      $0.plantFeedForward = { ($0.gate, $0.up) = ($0.up, $0.gate) }
    },
    mutant("activation-forgotten", "The gate is not activated.") {
      $0.plantFeedForward = { $0.activation = { $0 } }
    },
    mutant("silu-for-all", "The activation is SiLU, whatever it should be.") {
      $0.plantFeedForward = { $0.activation = PlainStep.function("silu") }
    },
  ]
}
