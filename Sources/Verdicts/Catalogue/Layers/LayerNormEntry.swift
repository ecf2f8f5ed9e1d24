import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum LayerNormEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .layerNorm, "y = (x − mean(x)) / √(variance(x) + epsilon) · weight + bias",
    tensors: [
      .input("x", ["tokens", "hidden"]), .parameter("weight", ["hidden"]),
      .parameter("bias", ["hidden"], isOptional: true),
    ],
    attributes: [LayerSignature.Attribute("epsilon", .real(1e-5), "added to the variance, inside the root")],
    output: ["tokens", "hidden"])

  private static func layer(_ input: CheckedCase) -> LayerNormLayer {
    LayerNormLayer(
      weight: input.weights("weight"), bias: input.optionalWeights("bias"), epsilon: input.number("epsilon"))
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("epsilon") }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.layerNorm(input.real("x"), layer(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.layerNorm(input.real("x"), layer(input), instructionSet: instructionSet)
  }
}
