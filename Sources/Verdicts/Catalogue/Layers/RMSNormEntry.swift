import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum RMSNormEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .rmsNorm, "y = x / √(mean(x²) + epsilon) · weight",
    tensors: [.input("x", ["tokens", "hidden"]), .parameter("weight", ["hidden"])],
    attributes: [
      LayerSignature.Attribute("epsilon", .real(1e-5), "added to the mean square, inside the root"),
      LayerSignature.Attribute("addsOne", .flag(false), "the weight is stored less 1"),
    ],
    output: ["tokens", "hidden"])

  private static func layer(_ input: CheckedCase) -> RMSNormLayer {
    RMSNormLayer(weight: input.weights("weight"), epsilon: input.number("epsilon"), addsOne: input.flag("addsOne"))
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("epsilon") }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.rmsNorm(input.real("x"), layer(input), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.rmsNorm(input.real("x"), layer(input), instructionSet: instructionSet)
  }
}
