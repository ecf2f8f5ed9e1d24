import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel

extension RotaryEmbeddingBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("gradient"), RotaryPart.scaledLayer(input.source),
      firstPosition: input.source.integer("firstPosition"),
      in: input.context)
  }
}

/// The entry whose exact values and bounds are those of the rotary embedding.
enum RotaryEmbeddingBackwardEntry: ModelledEntry {
  static let signature = LayerSignature(
    .rotaryEmbeddingBackward,
    "(da, db) → (da·cos φ + db·sin φ, db·cos φ − da·sin φ), "
      + "φ = position / scalingFactor · theta^(−2i / rotatedSize)",
    tensors: [.input("gradient", ["tokens", "heads", "headSize"]), RotaryScalingPart.tensor],
    attributes: RotaryEmbeddingEntry.signature.attributes, output: ["tokens", "heads", "headSize"])

  static let known = RotaryEmbeddingEntry.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    RotaryEmbeddingBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try RotaryEmbeddingEntry.validate(input) }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.rotaryEmbeddingBackward(
      input.real("gradient"), RotaryPart.scaledLayer(input), firstPosition: input.integer("firstPosition"),
      precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.rotaryEmbeddingBackward(
      input.real("gradient"), RotaryPart.scaledLayer(input), firstPosition: input.integer("firstPosition"))
  }
}

extension EmbeddingBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.source.integers("tokens"), gradient: input.real("gradient"), before: input.real("before"),
      in: input.context)
  }
}

enum EmbeddingBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .embeddingBackward, "dweight[v] = before[v] + Σ gradient[t] over the tokens t that are v",
    tensors: [
      .indices("tokens", ["tokens"], below: "vocabulary"), .input("gradient", ["tokens", "hidden"]),
      .input("before", ["vocabulary", "hidden"]),
    ], output: ["vocabulary", "hidden"])

  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    EmbeddingBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.embeddingBackward(
      input.integers("tokens"), gradient: input.real("gradient"), before: input.real("before"))
  }
}
