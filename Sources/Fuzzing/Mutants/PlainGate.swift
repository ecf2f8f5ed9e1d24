import PlumbDrift
import PlumbModel

/// y = x · gate, element by element.
struct PlainGate: PlainLayer {
  static let layer = LayerKind.gate

  let x: Activation<Float>
  var gate: Activation<Float>
  var product: (Double, Double) -> Double = { $0 * $1 }
  var round = LastRounding.nearest

  init(_ input: CheckedCase) {
    x = input.real("x")
    gate = input.real("gate")
  }

  func output() -> Activation<Float> {
    let elements = zip(x.elements, gate.elements).map { round(product(Double($0), Double($1))) }
    return Activation(shape: x.shape, elements: elements)
  }

  static let mutants: [Mutant] = [
    mutant("gate-forgotten", "x passes as it is.") { $0.product = { x, _ in x } }.restated(changing: "gate") {
      gate, _ in gate.map { _ in 1 }
    },
    mutant("x-forgotten", "The gate passes as it is.") { $0.product = { _, gate in gate } }.restated(changing: "x") {
      x, _ in x.map { _ in 1 }
    },
    mutant("gate-squared", "The gate is applied to itself.") { $0.product = { _, gate in gate * gate } }.restated {
      $0.source.replacing("x", $0.real("gate"))
    },
    mutant("added", "The gate is added.") { $0.product = { $0 + $1 } }.restated {
      LayerCase(layer: .residualAdd, tensors: ["x": .real($0.real("x")), "residual": .real($0.real("gate"))])
    },
    mutant("gate-one-late", "Each element takes the gate of the one before it.") {
      $0.gate.elements = Array($0.gate.elements.prefix(1) + $0.gate.elements.dropLast())
    }.restated(changing: "gate") { gate, _ in
      Activation(shape: gate.shape, elements: Array(gate.elements.prefix(1) + gate.elements.dropLast()))
    },
    mutant("negative-gate-shut", "A negative gate counts as 0.") { $0.product = { $0 * max(0, $1) } }.restated(
      changing: "gate"
    ) { gate, _ in gate.map { max(0, $0) } },
    mutant("gate-in-bf16", "The gate is kept in bfloat16.") { $0.product = { $0 * NarrowFormat.bfloat16.rounded($1) } }
      .restated(keeping: "gate", in: .bfloat16),
    mutant("gate-in-float16", "The gate is kept in binary16.") {
      $0.product = { $0 * NarrowFormat.float16.rounded($1) }
    }.restated(keeping: "gate", in: .float16),
    mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = LastRounding.bfloat16 },
    mutant("truncated", "The result is cut off instead of rounded.") { $0.round = LastRounding.truncated },
    mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = LastRounding.flushed },
    rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    mutant(
      "operands-swapped", "The gate is the first operand.",
      proof: "x·g = g·x, and each is rounded once: the same bits."
    ) { $0.product = { $1 * $0 } },
  ]
}
