import PlumbLayers
import PlumbModel

extension GatedFeedForwardBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .gatedFeedForwardBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("gate-forgotten", "Nothing comes through the gate.") { $0.combined = { _, up in up } },
      mutant("up-forgotten", "Nothing comes around the gate.") { $0.combined = { gate, _ in gate } },
      mutant("gate-subtracted", "What comes through the gate is subtracted.") { $0.combined = { $1 - $0 } },
      mutant("derivative-forgotten", "The activation's derivative is left out.") {
        $0.derivative = { _, gradient in gradient }
      },
      mutant("activation-forgotten", "What comes around the gate is not multiplied by the activation.") {
        $0.layer.activation = { $0 }
      },
      mutant("gates-weight-twice", "The gate's weight stands for that of the other product.") { $0.up = $0.gate },
      mutant("sum-in-bf16", "The last sums are kept in bfloat16.") {
        $0.gate.product.sum = { inputs, weights, _ in inputs.dot(weights, in: .bfloat16) }
      },
      mutant("down-in-bf16", "What comes back is kept in bfloat16.") { $0.down.round = { $0.rounded(to: .bfloat16) } },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
