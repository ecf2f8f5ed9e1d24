import PlumbModel
import PlumbVerdicts

/// y = x · gate, element by element.
struct PlainGate<Number: PlainNumber>: PlainForm {
  typealias Enclosing = PlainGate<Enclosed>
  static var layer: LayerKind { .gate }

  let x: Activation<Number>
  var gate: Activation<Number>
  var product: @Sendable (Number, Number) -> Number = { $0 * $1 }
  var round: @Sendable (Number) -> Number = { $0.nearest() }

  init(reading input: PlainInput<Number>) {
    x = input.real("x")
    gate = input.real("gate")
  }

  func result() -> Activation<Number> {
    let elements = zip(x.elements, gate.elements).map { round(product($0, $1)) }
    return Activation(shape: x.shape, elements: elements)
  }

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
      mutant("result-in-bf16", "The result goes through bfloat16.") { $0.round = { $0.rounded(to: .bfloat16) } },
      mutant("truncated", "The result is cut off instead of rounded.") { $0.round = { $0.truncated() } },
      mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = { $0.flushed() } },
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
      mutant(
        "operands-swapped", "The gate is the first operand.",
        proof: "x·g = g·x, and each is rounded once: the same bits."
      ) { $0.product = { $1 * $0 } },
    ]
  }
}

extension PlainGate: PlainLayer where Number == Double {}
