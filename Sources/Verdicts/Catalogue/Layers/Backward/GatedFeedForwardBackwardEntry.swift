import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel

extension GatedFeedForwardBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    func product(_ x: Activation<Context.Number>, _ name: String) -> LinearBackward<Context> {
      LinearBackward(x, weight: input.weights(name), in: input.context)
    }
    self.init(
      GatedFeedForward(reading: input), input.source.activation, down: product(input.real("gradient"), "down"),
      gate: product(.none, "gate"), up: product(.none, "up"))
  }
}

enum GatedFeedForwardBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .gatedFeedForwardBackward,
    "dx = gateᵀ · (dz · u · activation′(h)) + upᵀ · (dz · activation(h)), h = gate · x, u = up · x, dz = downᵀ · gradient",
    tensors: GatedFeedForwardEntry.signature.tensors + [.input("gradient", ["tokens", "hidden"])],
    attributes: GatedFeedForwardEntry.signature.attributes, output: ["tokens", "hidden"])

  static let known = ["activation"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GatedFeedForwardBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.gatedFeedForwardBackward(
      input.real("x"), gate: input.real("gate"), up: input.real("up"), down: input.real("down"), input.activation,
      gradient: input.real("gradient"))
  }
}
