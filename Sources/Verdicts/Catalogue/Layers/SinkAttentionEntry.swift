import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel

enum SinkAttentionEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .sinkAttention,
    "y[t, h, i] = Σₛ e^s[h, t, s] · value[s, g(h), i] / (e^sinks[h] + Σₛ e^s[h, t, s]), s = attention-scores(query, key)",
    tensors: AttentionEntry.tensors + [.parameter("sinks", ["heads"])],
    attributes: AttentionPart.mask + AttentionPart.scores, output: ["tokens", "heads", "headSize"],
    maskedRow: AttentionPart.maskedRow)

  private static func layer(_ input: CheckedCase) -> AttentionLayer {
    var layer = AttentionPart.layer(input)
    layer.sinks = AttentionSinks(tensor: input.weights("sinks"), logits: input.real("sinks").elements)
    return layer
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try AttentionPart.validate(input) }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    guard input.hasFiniteParameters else { return nil }
    return try Checks.attention(
      input.real("query"), input.real("key"), input.real("value"), layer(input),
      firstPosition: input.integer("firstPosition"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.attention(
      input.real("query"), input.real("key"), input.real("value"), layer(input),
      firstPosition: input.integer("firstPosition"), instructionSet: instructionSet)
  }
}

extension SinkAttention: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(Attention(reading: input), sinks: input.real("sinks"))
  }
}

extension SinkAttentionEntry: ModelledEntry {
  static let known = AttentionEntry.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    SinkAttention(reading: input).forward()
  }
}
