import PlumbEngine
import PlumbExact
import PlumbModel

/// What the parts of attention share: the heads' map and the mask.
private enum AttentionPart {
  static let firstPosition = LayerSignature.Attribute(
    "firstPosition", .integer(0), "the position of the first query; the first key stands at 0")

  static func validate(_ input: CheckedCase, heads: Int, keyValueHeads: Int) throws(CaseError) {
    guard keyValueHeads > 0, heads.isMultiple(of: keyValueHeads) else {
      throw CaseError(
        input.source.layer, "\(heads) heads cannot share \(keyValueHeads) heads of keys and values evenly")
    }
    let positions = input.extent("positions")
    let first = input.integer("firstPosition")
    guard first >= 0, first <= positions, input.extent("tokens") <= positions - first else {
      throw CaseError(
        input.source.layer,
        "\(input.extent("tokens")) queries from position \(first) on do not fit \(positions) keys")
    }
  }
}

enum AttentionScoresEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .attentionScores, "y[h, t, s] = Σᵢ query[t, h, i] · key[s, g(h), i] / √headSize, for positions the mask allows",
    tensors: [
      .input("query", ["tokens", "heads", "headSize"]), .input("key", ["positions", "keyValueHeads", "headSize"]),
    ],
    attributes: [AttentionPart.firstPosition], output: ["heads", "tokens", "positions"])

  private static func layer(_ input: CheckedCase) -> AttentionLayer {
    AttentionLayer(
      heads: input.extent("heads"), keyValueHeads: input.extent("keyValueHeads"), headSize: input.extent("headSize"))
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    guard input.extent("headSize") > 0 else { throw CaseError(.attentionScores, "a head must have elements") }
    try AttentionPart.validate(input, heads: input.extent("heads"), keyValueHeads: input.extent("keyValueHeads"))
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.attentionScores(
      input.real("query"), input.real("key"), layer(input), firstPosition: input.integer("firstPosition"),
      precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.attentionScores(
      input.real("query"), input.real("key"), layer(input), firstPosition: input.integer("firstPosition"),
      instructionSet: instructionSet)
  }
}

enum AttentionValuesEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .attentionValues, "y[t, h, i] = Σₛ weights[h, t, s] · value[s, g(h), i], over positions the mask allows",
    tensors: [
      .input("weights", ["heads", "tokens", "positions"]), .input("value", ["positions", "keyValueHeads", "headSize"]),
    ],
    attributes: [AttentionPart.firstPosition], output: ["tokens", "heads", "headSize"])

  private static func layer(_ input: CheckedCase) -> AttentionLayer {
    AttentionLayer(
      heads: input.extent("heads"), keyValueHeads: input.extent("keyValueHeads"), headSize: input.extent("headSize"))
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try AttentionPart.validate(input, heads: input.extent("heads"), keyValueHeads: input.extent("keyValueHeads"))
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.attentionValues(
      input.real("weights"), input.real("value"), layer(input), firstPosition: input.integer("firstPosition"),
      precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.attentionValues(
      input.real("weights"), input.real("value"), layer(input), firstPosition: input.integer("firstPosition"),
      instructionSet: instructionSet)
  }
}

enum AttentionEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .attention, "y = attention-values(softmax(attention-scores(query, key)), value)",
    tensors: [
      .input("query", ["tokens", "heads", "headSize"]), .input("key", ["positions", "keyValueHeads", "headSize"]),
      .input("value", ["positions", "keyValueHeads", "headSize"]),
    ],
    attributes: [AttentionPart.firstPosition], output: ["tokens", "heads", "headSize"])

  private static func layer(_ input: CheckedCase) -> AttentionLayer {
    AttentionLayer(
      heads: input.extent("heads"), keyValueHeads: input.extent("keyValueHeads"), headSize: input.extent("headSize"))
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    guard input.extent("headSize") > 0 else { throw CaseError(.attention, "a head must have elements") }
    try AttentionPart.validate(input, heads: input.extent("heads"), keyValueHeads: input.extent("keyValueHeads"))
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.attention(
      input.real("query"), input.real("key"), input.real("value"), layer(input),
      firstPosition: input.integer("firstPosition"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.attention(
      input.real("query"), input.real("key"), input.real("value"), layer(input),
      firstPosition: input.integer("firstPosition"), instructionSet: instructionSet)
  }
}
