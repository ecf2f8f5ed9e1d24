import PlumbLayers
import PlumbModel

extension GatedFeedForward: PlantableFeedForward, Plantable where Context: BugContext {
  static var layer: LayerKind { .gatedFeedForward }

  static var bugs: [Bug<Self>] {
    [
      mutant("gate-up-swapped", "Gate and up are swapped.") { ($0.gate, $0.up) = ($0.up, $0.gate) },
      mutant("activation-forgotten", "The gate is not activated.") { $0.activation = { $0 } },
      mutant("activation-on-up", "What the gate lets through is activated, and not the gate.") {
        $0.combined = { opening, up, activation, context in product(opening, activation(up), context) }
      },
      mutant("activation-on-both", "Both the gate and what it lets through are activated.") {
        $0.combined = { opening, up, activation, context in product(activation(opening), activation(up), context) }
      },
      mutant("activation-too-late", "The product of both is activated.") {
        $0.combined = { opening, up, activation, context in activation(product(opening, up, context)) }
      },
      mutant("added-not-multiplied", "The gate is added to what it lets through.") {
        $0.combined = { opening, up, activation, context in
          ResidualAdd(activation(opening), up, in: context).inside.forward()
        }
      },
      mutant("gate-forgotten", "The gate is left out.") { $0.combined = { _, up, _, _ in up } },
      mutant("up-forgotten", "Only the gate is let through.") {
        $0.combined = { opening, _, activation, _ in activation(opening) }
      },
      mutant("sigmoid-gate", "The gate is a sigmoid, as in the first gated units.") {
        $0.combined = { opening, up, _, context in
          var gate = Gate(opening, up, in: context).inside
          gate.product = { opening, up in up / (1 + (-opening).exponential()) }
          return gate.forward()
        }
      },
      mutant("silu-for-all", "The activation is SiLU, whatever it should be.") {
        $0.activate(by: .silu)
      },
      mutant("gelu-for-all", "The activation is GELU, whatever it should be.") {
        $0.activate(by: .gelu)
      },
      mutant("residual-added", "The input is added to the result.") { $0.down.addInput($0.up.x) },
    ] + bugsBetweenProducts + [
      mutant("gate-in-bf16", "The gate's weight is kept in bfloat16.") {
        $0.gate.readWeight = { $0.rounded(to: .bfloat16) }
      },
      mutant("down-in-float16", "The last weight is kept in binary16.") {
        $0.down.readWeight = { $0.rounded(to: .float16) }
      },
      resultInBfloat16,
      resultInFloat16,
      rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }

  private static func product(
    _ opening: Activation<Context.Number>, _ up: Activation<Context.Number>, _ context: Context
  ) -> Activation<Context.Number> {
    Gate(opening, up, in: context).inside.forward()
  }
}
