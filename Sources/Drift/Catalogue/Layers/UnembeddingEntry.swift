import PlumbEngine
import PlumbExact
import PlumbModel

enum UnembeddingEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .unembedding, "y[t, i] = Σⱼ weight[i, j] · x[t, j]",
    tensors: [.input("x", ["tokens", "hidden"]), .parameter("weight", ["vocabulary", "hidden"])],
    output: ["tokens", "vocabulary"])

  private static func layer(_ input: CheckedCase) -> LinearLayer { LinearLayer(weight: input.weights("weight")) }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.linear(input.real("x"), layer(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.unembedding(input.real("x"), layer(input), instructionSet: instructionSet)
  }
}
