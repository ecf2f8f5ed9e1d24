import Foundation
import PlumbModel
import PlumbVerdicts

/// h = x + output · attention(norm(x)), y = h + gated-feed-forward(norm(h)); post-normalised, the norms follow the sums.
struct PlainBlock: PlainLayer {
  static let layer = LayerKind.block

  let shape: [Int]
  let x: [Double]
  /// The block's values.
  var block: Block
  /// A factor of the norms' epsilon.
  var epsilonFactor = 1.0
  /// What is turned.
  var turnsQuery = true
  var turnsKey = true
  var turnsValue = false
  var firstPosition = 0.0
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
    shape = input.real("x").shape
    x = input.real("x").elements.map(Double.init)
    block = BlockEntry.block(input)
  }

  func output() -> Activation<Float> {
    let (first, second) = (block.branches[0], block.branches[1])
    guard case .attention(let mixer) = first.mixer, case .gatedFeedForward(let layer) = second.mixer else {
      preconditionFailure("a case of a block has attention and a gated feed-forward layer")
    }
    let attended = attended(normalised(x, first.norm), mixer)
    let sum = zip(x, attended).map { firstResidual($0) + $1 }
    let middle = normalised(sum, first.sumNorm).map(between)
    var feedForward = PlainGatedFeedForward(layer, x: normalised(fed(x, middle), second.norm))
    plantFeedForward(&feedForward)
    let values = feedForward.values()
    let result = values.indices.map { secondResidual(x[$0], middle[$0]) + values[$0] }
    return Activation(shape: shape, elements: normalised(result, second.sumNorm).map(round))
  }

  private func normalised(_ x: [Double], _ norm: Norm?) -> [Double] {
    guard case .rms(let layer) = norm else { return x }
    let weight = layer.weight.doubles.map { layer.addsOne ? $0 + 1 : $0 }
    return PlainStep.rmsNorm(x, weight, epsilon: Double(layer.epsilon) * epsilonFactor)
  }

  /// The attention's half, from its input to the heads' projection back.
  private func attended(_ x: [Double], _ mixer: AttentionMixer) -> [Double] {
    let (hidden, size) = (shape[1], mixer.attention.headSize)
    func heads(_ layer: LinearLayer, _ count: Int, isTurned: Bool) -> Activation<Double> {
      var values = PlainStep.product(x, layer.weight.doubles, inputs: hidden)
      if isTurned, let rotary = mixer.rotary {
        values = PlainStep.rotated(
          values, heads: count, headSize: size, size: rotary.rotatedSize, theta: Double(rotary.theta),
          isInterleaved: rotary.pairing == .adjacent
        ) { (Double($0) + firstPosition) / Double(rotary.scalingFactor) }
      }
      return Activation(shape: [shape[0], count, size], elements: values)
    }
    let layer = mixer.attention
    let (queries, keys) = (layer.heads, layer.keyValueHeads)
    var attention = PlainAttention(
      PlainMask(layer), scale: Double(layer.scale ?? 0), cap: Double(layer.softCap ?? 0),
      query: heads(mixer.query, queries, isTurned: turnsQuery),
      key: heads(mixer.key, keys, isTurned: turnsKey), value: heads(mixer.value, keys, isTurned: turnsValue))
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
    return PlainStep.product(joined, mixer.output.weight.doubles, inputs: queries * size)
  }

  static let mutants: [Mutant] = halves + wiring

  /// The mutant that computes an edited block.
  private static func mutant(_ edit: ModelEdit) -> Mutant { mutant(edit.name, edit.bug) { edit.edit(&$0.block) } }

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
    mutant(.normAfter),
    mutant(.normForgotten),
    mutant(.secondNormForgotten),
    mutant(.normsSwapped),
    mutant(.normLess1),
    mutant("epsilon-tenfold", "The norms' epsilon is ten times too large.") { $0.epsilonFactor = 10 },
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
    mutant(.nothingTurned),
    mutant(.pairingSwapped),
    mutant(.theta10000),
    mutant(.factorIgnored),
    mutant(
      "position-plus-1", "Positions count from 1.",
      proof: "Turns of a query and a key by the same angle leave their product as it is: only the difference of two "
        + "positions counts, and rounding moves it less than the bounds allow."
    ) { $0.firstPosition = 1 },
    mutant(.maskIgnored),
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
    mutant(.capForgotten),
    mutant("cache-in-float16", "Keys and values go through binary16.") {
      $0.plantAttention = {
        $0.key = $0.key.map { NarrowFormat.float16.rounded($0) }
        $0.value = $0.value.map { NarrowFormat.float16.rounded($0) }
      }
    },
    mutant("heads-joined-wrongly", "Heads are joined element by element instead of one after the other.") {
      $0.joinsElementFirst = true
    },
    mutant(.gateUpSwapped),
    mutant("activation-forgotten", "The gate is not activated.") {
      $0.plantFeedForward = { $0.activation = { $0 } }
    },
    mutant(.siluForAll),
  ]
}
