import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum UnembeddingEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .unembedding, "y[t, i] = Σⱼ weight[i, j] · x[t, j]; with a soft cap, softCap · tanh(y / softCap)",
    tensors: [.input("x", ["tokens", "hidden"]), .parameter("weight", ["vocabulary", "hidden"])],
    attributes: [LayerSignature.softCap], output: ["tokens", "vocabulary"])

  private static func layer(_ input: CheckedCase) -> LinearLayer { LinearLayer(weight: input.weights("weight")) }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("softCap") }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    guard let logits = try Checks.linear(input.real("x"), layer(input), precision: precision) else { return nil }
    guard let cap = input.nonZero("softCap") else { return logits }
    return try Checks.softCapped(logits, cap, precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.unembedding(
      input.real("x"), layer(input), softCap: input.nonZero("softCap"), instructionSet: instructionSet)
  }
}
