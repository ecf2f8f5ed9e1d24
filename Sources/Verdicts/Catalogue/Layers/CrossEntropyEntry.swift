import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum CrossEntropyEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .crossEntropy, "y[t] = log Σⱼ e^logits[t, j] − logits[t, target t]",
    tensors: [.input("logits", ["tokens", "vocabulary"]), .indices("targets", ["tokens"], below: "vocabulary")],
    output: ["tokens"])

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.crossEntropy(input.real("logits"), targets: input.integers("targets"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.crossEntropy(input.real("logits"), targets: input.integers("targets"))
  }
}
