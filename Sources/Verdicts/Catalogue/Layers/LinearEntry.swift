import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum LinearEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .linear, "y[t, i] = Σⱼ weight[i, j] · x[t, j] + bias[i]",
    tensors: [
      .input("x", ["tokens", "inputs"]), .parameter("weight", ["outputs", "inputs"]),
      .parameter("bias", ["outputs"], isOptional: true),
    ],
    output: ["tokens", "outputs"])

  private static func layer(_ input: CheckedCase) -> LinearLayer {
    LinearLayer(weight: input.weights("weight"), bias: input.optionalWeights("bias"))
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.linear(input.real("x"), layer(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.linear(input.real("x"), layer(input), instructionSet: instructionSet)
  }
}
