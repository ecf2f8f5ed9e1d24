import Foundation
import PlumbModel
import PlumbVerdicts

/// y = down · (activation(gate · x) · (up · x)).
struct PlainGatedFeedForward: PlainLayer {
  static let layer = LayerKind.gatedFeedForward

  let x: [Double]
  var gate: [Double]
  var up: [Double]
  var down: [Double]
  let hidden: Int
  let feedForward: Int
  var activation: (Double) -> Double
  /// What becomes of the activated gate and of what it lets through.
  var combined: (_ opening: Double, _ up: Double, _ activation: (Double) -> Double) -> Double = { $2($0) * $1 }
  /// What becomes of the product of both.
  var between: (Double) -> Double = { $0 }
  /// The elements between the products that are counted.
  var counted: Range<Int>
  /// What is added to the result.
  var added: [Double] = []
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    self.init(
      GatedFeedForwardLayer(
        gate: LinearLayer(weight: input.weights("gate")), up: LinearLayer(weight: input.weights("up")),
        down: LinearLayer(weight: input.weights("down")), activation: input.activation),
      x: input.real("x").elements.map(Double.init))
  }

  /// The `layer` on `x`.
  init(_ layer: GatedFeedForwardLayer, x: [Double]) {
    self.x = x
    (gate, up, down) = (layer.gate.weight.doubles, layer.up.weight.doubles, layer.down.weight.doubles)
    (hidden, feedForward) = (layer.gate.weight.columns, layer.gate.weight.rows)
    activation = PlainStep.function(layer.activation.rawValue)
    counted = 0..<feedForward
  }

  func output() -> Activation<Float> {
    let y = values()
    return Activation(shape: [y.count / hidden, hidden], elements: y.map(round))
  }

  /// The result before its rounding.
  func values() -> [Double] {
    let opening = PlainStep.product(x, gate, inputs: hidden)
    let up = PlainStep.product(x, up, inputs: hidden)
    let inner = opening.indices.map {
      counted.contains($0 % feedForward) ? between(combined(opening[$0], up[$0], activation)) : 0
    }
    let y = PlainStep.product(inner, down, inputs: feedForward)
    return added.isEmpty ? y : zip(y, added).map { $0 + $1 }
  }

  static let mutants: [Mutant] = [
    mutant("gate-up-swapped", "Gate and up are swapped.") { ($0.gate, $0.up) = ($0.up, $0.gate) },
    mutant("activation-forgotten", "The gate is not activated.") { $0.activation = { $0 } },
    mutant("activation-on-up", "What the gate lets through is activated, and not the gate.") {
      $0.combined = { $0 * $2($1) }
    },
    mutant("activation-on-both", "Both the gate and what it lets through are activated.") {
      $0.combined = { $2($0) * $2($1) }
    },
    mutant("activation-too-late", "The product of both is activated.") { $0.combined = { $2($0 * $1) } },
    mutant("added-not-multiplied", "The gate is added to what it lets through.") { $0.combined = { $2($0) + $1 } },
    mutant("gate-forgotten", "The gate is left out.") { $0.combined = { opening, up, _ in up } },
    mutant("up-forgotten", "Only the gate is let through.") {
      $0.combined = { opening, up, activation in activation(opening) }
    },
    mutant("sigmoid-gate", "The gate is a sigmoid, as in the first gated units.") {
      $0.combined = { opening, up, _ in up / (1 + exp(-opening)) }
    },
    mutant("silu-for-all", "The activation is SiLU, whatever it should be.") {
      $0.activation = PlainStep.function("silu")
    },
    mutant("gelu-for-all", "The activation is GELU, whatever it should be.") {
      $0.activation = PlainStep.function("gelu")
    },
    mutant("residual-added", "The input is added to the result.") { $0.added = $0.x },
    mutant("last-inner-skipped", "The last element between the products is left out.") {
      $0.counted = 0..<max($0.feedForward - 1, 0)
    },
    mutant("vector-inners-only", "Elements between the products that do not fill a vector of eight are left out.") {
      $0.counted = 0..<$0.feedForward / 8 * 8
    },
    mutant("inner-in-bf16", "What lies between the products is kept in bfloat16.") {
      $0.between = { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("inner-in-float16", "What lies between the products is kept in binary16.") {
      $0.between = { NarrowFormat.float16.rounded($0) }
    },
    mutant("gate-in-bf16", "The gate's weight is kept in bfloat16.") {
      $0.gate = $0.gate.map { NarrowFormat.bfloat16.rounded($0) }
    },
    mutant("down-in-float16", "The last weight is kept in binary16.") {
      $0.down = $0.down.map { NarrowFormat.float16.rounded($0) }
    },
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("result-in-float16", "The result goes through binary16.") { $0.round = LastRounding.float16 },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
  ]
}
