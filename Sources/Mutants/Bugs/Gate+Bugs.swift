import PlumbLayers
import PlumbModel
import PlumbVerdicts

extension Gate: Plantable where Context: BugContext {
  static var layer: LayerKind { .gate }

  static var bugs: [Bug<Self>] {
    [
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
      mutant("negative-gate-shut", "A negative gate counts as 0.") { $0.product = { $0 * $1.rectified() } }.restated(
        changing: "gate"
      ) { gate, _ in gate.map { max(0, $0) } },
      mutant("gate-in-bf16", "The gate is kept in bfloat16.") { $0.product = { $0 * $1.rounded(to: .bfloat16) } }
        .restated(keeping: "gate", in: .bfloat16),
      mutant("gate-in-float16", "The gate is kept in binary16.") {
        $0.product = { $0 * $1.rounded(to: .float16) }
      }.restated(keeping: "gate", in: .float16),
      resultInBfloat16,
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
      mutant(
        "operands-swapped", "The gate is the first operand.",
        proof: "x·g = g·x, and each is rounded once: the same bits."
      ) { $0.product = { $1 * $0 } },
    ]
  }
}
