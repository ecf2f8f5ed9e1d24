import PlumbEngine
import PlumbLayers
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// h = x + output · attention(norm(x)), y = h + gated-feed-forward(norm(h)); post-normalised, the norms follow the sums.
struct PlainBlock: PlainLayer {
  static let layer = LayerKind.block

  /// The arithmetic of the layers that it is made of.
  private let context = Float64Context()
  let x: Activation<Double>
  /// The block's values.
  var block: Block
  /// A factor of the norms' epsilon.
  var epsilonFactor = 1.0
  /// The projections that are turned, a flag for each.
  var turnsQuery = true
  var turnsKey = true
  var turnsValue = false
  var firstPosition = 0
  /// The terms that the two sums add to the results of the halves, from the block's input and the middle.
  var firstResidual: (_ x: Double) -> Double = { $0 }
  var secondResidual: (_ x: Double, _ middle: Double) -> Double = { $1 }
  /// The input of the feed-forward layer, from the block's input and the middle.
  var fed: (_ x: Activation<Double>, _ middle: Activation<Double>) -> Activation<Double> = { $1 }
  /// The function that each number between the halves goes through.
  var between: (Double) -> Double = { $0 }
  /// Whether the heads' order is lost when they are joined.
  var joinsElementFirst = false
  /// Bugs of the halves.
  var plantAttention: (inout Attention<Float64Context>) -> Void = { _ in }
  var plantFeedForward: (inout GatedFeedForward<Float64Context>) -> Void = { _ in }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    x = context.read(input.real("x"))
    block = BlockEntry.block(input)
  }

  func output() -> Activation<Float> {
    let (first, second) = (block.branches[0], block.branches[1])
    guard case .attention(let mixer) = first.mixer, case .gatedFeedForward(let layer) = second.mixer else {
      preconditionFailure("a case of a block has attention and a gated feed-forward layer")
    }
    let attended = attended(normalised(x, first.norm), mixer)
    let sum = zip(x.elements, attended.elements).map { firstResidual($0) + $1 }
    let middle = normalised(Activation(shape: x.shape, elements: sum), first.sumNorm).map(between)
    let input = normalised(fed(x, middle), second.norm)
    var feedForward = GatedFeedForward(
      gate: product(input, layer.gate), up: product(input, layer.up), layer.activation, down: product(.none, layer.down)
    ).inside
    plantFeedForward(&feedForward)
    let values = feedForward.forward().elements
    let result = values.indices.map { secondResidual(x.elements[$0], middle.elements[$0]) + values[$0] }
    return normalised(Activation(shape: x.shape, elements: result), second.sumNorm).map(round)
  }

  private func numbers(_ weight: Tensor) -> Activation<Double> {
    Activation(shape: weight.shape, elements: Engine.decoded(weight).map(Double.init))
  }

  private func product(_ x: Activation<Double>, _ layer: LinearLayer) -> Linear<Float64Context> {
    Linear(x, weight: Weights(numbers(layer.weight)), in: context)
  }

  private func normalised(_ x: Activation<Double>, _ norm: Norm?) -> Activation<Double> {
    guard case .rms(let layer) = norm else { return x }
    var norm = RMSNorm(
      x, weight: numbers(layer.weight), epsilon: layer.epsilon, addsOne: layer.addsOne, in: context
    ).inside
    norm.epsilon = norm.epsilon * epsilonFactor
    return norm.forward()
  }

  /// The attention's half, from its input to the heads' projection back.
  private func attended(_ x: Activation<Double>, _ mixer: AttentionMixer) -> Activation<Double> {
    let (layer, tokens) = (mixer.attention, x.rows)
    func heads(_ projection: LinearLayer, _ count: Int, isTurned: Bool) -> Activation<Double> {
      let values = product(x, projection).inside.forward().reshaped([tokens, count, layer.headSize])
      guard isTurned, let rotary = mixer.rotary else { return values }
      return RotaryEmbedding(values, rotary, firstPosition: firstPosition, in: context).inside.forward()
    }
    var attention = Attention(
      heads(mixer.query, layer.heads, isTurned: turnsQuery),
      heads(mixer.key, layer.keyValueHeads, isTurned: turnsKey),
      heads(mixer.value, layer.keyValueHeads, isTurned: turnsValue), layer, firstPosition: 0, in: context
    ).inside
    plantAttention(&attention)
    var joined = attention.forward().reshaped([tokens, layer.heads * layer.headSize])
    if joinsElementFirst {
      let (width, right) = (joined.columns, joined.elements)
      for index in right.indices {
        let (head, element) = (index % width / layer.headSize, index % layer.headSize)
        joined.elements[index / width * width + element * layer.heads + head] = right[index]
      }
    }
    return product(joined, mixer.output).inside.forward()
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
      $0.between = { FloatFormat.bfloat16.rounded($0) }
    },
    mutant("middle-in-float16", "What lies between the halves is kept in binary16.") {
      $0.between = { FloatFormat.float16.rounded($0) }
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
    mutant("mask-one-short", "A token does not see itself.") { $0.plantAttention = { $0.scores.see(beyond: -1) } },
    mutant("heads-modulo", "Query heads take heads of keys and values in turn.") {
      $0.plantAttention = { $0.setHeads { head, _, others in head % others } }
    },
    mutant("scale-1-over-d", "Scores are divided by the head's size, not by its root.") {
      $0.plantAttention = { $0.scores.scaled = { $0 / $1 } }
    },
    mutant(.capForgotten),
    mutant("cache-in-float16", "Keys and values go through binary16.") {
      $0.plantAttention = { $0.keepCache(in: .float16) }
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
