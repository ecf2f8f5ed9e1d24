import PlumbLayers
import PlumbModel

extension ClampedGateBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .clampedGateBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("clamps-forgotten", "The gradient goes through clamps as if there were none.") {
        $0.layer.limit = 0x1p100
      },
      mutant("through-the-clamp", "The gradient goes through clamps that are met.") {
        let limit = $0.layer.limit
        $0.layer.gate = Row.tensor(
          [$0.context.row($0.layer.gate.elements).kept(upTo: limit)], shape: $0.layer.gate.shape)
        $0.layer.up = Row.tensor(
          [$0.context.row($0.layer.up.elements).kept(upTo: limit).kept(from: -limit)], shape: $0.layer.up.shape)
      },
      mutant("limit-6", "The limit is 6, as of a ReLU6.") { $0.layer.limit = 6 },
      mutant("alpha-1", "The sigmoid's argument is the gate, as in SiLU.") { $0.layer.alpha = $0.layer.parameter(1) },
      mutant("other-gradient", "The gradient is that of the other input.") { $0.isOfUp.toggle() },
      mutant("gate-up-swapped", "Gate and what it lets through are swapped.") {
        ($0.layer.gate, $0.layer.up) = ($0.layer.up, $0.layer.gate)
      },
      mutant("gate-clamped-twice", "The gate is clamped on both sides.") {
        $0.layer.clampedGate = { $0.kept(upTo: $1).kept(from: -$1) }
      },
      mutant("gradient-in-bf16", "The gradients are kept in bfloat16.") {
        $0.gradient = $0.kept($0.gradient, in: .bfloat16)
      },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }

  /// The bugs of the gate's gradient alone.
  static var bugsOfGate: [Bug<Self>] {
    [
      mutant("one-forgotten", "1 is not added to what the gate lets through.") { $0.layer.inner = { $0 } },
      mutant("up-not-clamped", "What the gate lets through is not clamped.") { $0.layer.clampedUp = { up, _ in up } },
    ]
  }
}
