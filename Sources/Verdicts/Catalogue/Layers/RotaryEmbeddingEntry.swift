import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

enum RotaryEmbeddingEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .rotaryEmbedding,
    "(a, b) → (a·cos φ − b·sin φ, a·sin φ + b·cos φ), "
      + "φ = position / scalingFactor · theta^(−2i / rotatedSize)",
    tensors: [.input("x", ["tokens", "heads", "headSize"]), RotaryScalingPart.tensor],
    attributes: RotaryPart.attributes + RotaryScalingPart.attributes + [
      LayerSignature.Attribute("firstPosition", .integer(0), "the position of row 0")
    ],
    output: ["tokens", "heads", "headSize"])

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try RotaryPart.validate(input)
    try RotaryScalingPart.validate(RotaryPart.layer(input), input)
    let limit = 1 << 24
    guard 0..<limit ~= input.integer("firstPosition"),
      input.extent("tokens") <= limit - input.integer("firstPosition")
    else {
      throw CaseError(.rotaryEmbedding, "positions must lie between 0 and 2^24")
    }
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.rotaryEmbedding(
      input.real("x"), RotaryPart.scaledLayer(input), firstPosition: input.integer("firstPosition"),
      precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.rotaryEmbedding(
      input.real("x"), RotaryPart.scaledLayer(input), firstPosition: input.integer("firstPosition"))
  }
}
