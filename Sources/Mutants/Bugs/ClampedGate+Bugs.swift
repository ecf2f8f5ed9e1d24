import PlumbLayers
import PlumbModel
import PlumbVerdicts

extension ClampedGate: Plantable where Context: BugContext {
  static var layer: LayerKind { .clampedGate }

  static var bugs: [Bug<Self>] {
    [
      mutant("clamps-forgotten", "Nothing is clamped.") {
        $0.clampedGate = { gate, _ in gate }
        $0.clampedUp = { up, _ in up }
      },
      mutant("gate-not-clamped", "The gate is not clamped.") { $0.clampedGate = { gate, _ in gate } },
      mutant("up-not-clamped", "What the gate lets through is not clamped.") { $0.clampedUp = { up, _ in up } },
      mutant("gate-clamped-below", "The gate is clamped from below, not from above.") {
        $0.clampedGate = { $0.kept(from: -$1) }
      },
      mutant("gate-clamped-twice", "The gate is clamped on both sides.") {
        $0.clampedGate = { $0.kept(upTo: $1).kept(from: -$1) }
      },
      mutant("up-clamped-above", "What the gate lets through is clamped from above alone.") {
        $0.clampedUp = { $0.kept(upTo: $1) }
      },
      mutant("up-clamped-below", "What the gate lets through is clamped from below alone.") {
        $0.clampedUp = { $0.kept(from: -$1) }
      },
      mutant("limit-6", "The limit is 6, as of a ReLU6.") { $0.limit = 6 }.restated {
        $0.source.setting("limit", .real(6))
      },
      mutant("alpha-1", "The sigmoid's argument is the gate, as in SiLU.") { $0.alpha = $0.parameter(1) }.restated {
        $0.source.setting("alpha", .real(1))
      },
      mutant("alpha-1.7", "The sigmoid's argument is 1.7 times the gate.") {
        $0.alpha = $0.parameter(Double(Float(1.7)))
      }.restated { $0.source.setting("alpha", .real(1.7)) },
      mutant("one-forgotten", "1 is not added to what the gate lets through.") { $0.inner = { $0 } },
      mutant("one-added-first", "1 is added before clamping.") {
        $0.clampedUp = { ($0 + 1).kept(upTo: $1).kept(from: -$1) }
        $0.inner = { $0 }
      },
      mutant("one-subtracted", "1 is subtracted where it should be added.") { $0.inner = { $0 - 1 } },
      mutant("sigmoid-alone", "The gate itself is forgotten beside its sigmoid.") {
        $0.opened = { gate, alpha in 1 / (1 + (-(gate * alpha)).exponential()) }
      },
      mutant("sign-of-exponent", "e^x stands where e^(−x) should.") {
        $0.opened = { gate, alpha in gate / (1 + (gate * alpha).exponential()) }
      },
      mutant("gate-up-swapped", "Gate and what it lets through are swapped.") {
        ($0.gate, $0.up) = ($0.up, $0.gate)
      }.restated { $0.source.replacing("gate", $0.real("up")).replacing("up", $0.real("gate")) },
      mutant("sigmoid-in-bf16", "The sigmoid is kept in bfloat16.") {
        $0.opened = { gate, alpha in gate * (1 / (1 + (-(gate * alpha)).exponential())).rounded(to: .bfloat16) }
      },
      mutant("gate-in-float16", "The gate is kept in binary16.") {
        $0.gate = $0.kept($0.gate, in: .float16)
      }.restated(keeping: "gate", in: .float16),
      mutant("up-in-bf16", "What the gate lets through is kept in bfloat16.") {
        $0.up = $0.kept($0.up, in: .bfloat16)
      }.restated(keeping: "up", in: .bfloat16),
      resultInBfloat16,
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
