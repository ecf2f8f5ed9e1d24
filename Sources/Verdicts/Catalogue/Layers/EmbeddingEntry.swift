import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum EmbeddingEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .embedding, "y[t] = weight[token t]",
    tensors: [
      .indices("tokens", ["tokens"], below: "vocabulary"), .parameter("weight", ["vocabulary", "hidden"]),
    ],
    output: ["tokens", "hidden"])

  private static func layer(_ input: CheckedCase) -> EmbeddingLayer { EmbeddingLayer(weight: input.weights("weight")) }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.embedding(input.integers("tokens"), layer(input))
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.embedding(input.integers("tokens"), layer(input), instructionSet: instructionSet)
  }
}
