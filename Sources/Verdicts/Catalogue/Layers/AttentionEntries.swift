import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbModel

/// The common ground of attention, its parts and blocks: the heads' map, the mask, the scale, the soft cap and the linear bias.
enum AttentionPart {
  static let maskAlone = [
    LayerSignature.Attribute("causal", .flag(true), "a query sees no position after its own"),
    LayerSignature.Attribute(
      "window", .integer(0), "how many positions a query sees up to its own, itself included; 0 for all"),
  ]
  static let mask =
    maskAlone + [
      LayerSignature.Attribute(
        "firstPosition", .integer(0), "the position of the first query; the first key stands at 0"),
      LayerSignature.Attribute(
        "windowAfter", .integer(0), "how many positions after its own a query sees that is not causal; 0 for all"),
    ]
  static let maskedRow =
    "a query that sees nothing, as one whose window lies past the last key, gives 0: a sum without terms"
  static let scores = [
    LayerSignature.Attribute("scale", .real(0), "what sums are multiplied by; 0 for 1/√headSize"),
    LayerSignature.softCap,
    LayerSignature.Attribute(
      "alibi", .real(0), "the exponent of the least slope of a linear bias, 2^−alibi a position; 0 for no bias"),
  ]
  /// The attributes that formulas of whole attention and of scores know.
  static let known = ["causal", "window", "windowAfter", "firstPosition", "scale", "softCap", "alibi"]

  static func layer(_ input: CheckedCase, hasScores: Bool = true) -> AttentionLayer {
    let heads = input.extent("heads")
    // A block has no window behind a token.
    let after = input.source.layer == .block ? 0 : input.integer("windowAfter")
    return AttentionLayer(
      heads: heads, keyValueHeads: input.extent("keyValueHeads"), headSize: input.extent("headSize"),
      isCausal: input.flag("causal"), window: input.integer("window") == 0 ? nil : input.integer("window"),
      windowAfter: after == 0 ? nil : after,
      scale: hasScores ? input.nonZero("scale") : nil, softCap: hasScores ? input.nonZero("softCap") : nil,
      linearBias: hasScores ? input.nonZero("alibi").map { LinearBias(heads: heads, last: $0) } : nil)
  }

  static func validate(_ input: CheckedCase, hasScores: Bool = true) throws(CaseError) {
    try validateLayer(input, hasScores: hasScores)
    let (first, tokens, positions) = (input.integer("firstPosition"), input.extent("tokens"), input.extent("positions"))
    guard 0..<1 << 24 ~= first, !input.flag("causal") || first <= positions && tokens <= positions - first else {
      throw CaseError(input.source.layer, "\(tokens) queries from position \(first) on do not fit \(positions) keys")
    }
    guard 0..<1 << 24 ~= input.integer("windowAfter"), input.integer("windowAfter") == 0 || !input.flag("causal") else {
      throw CaseError(
        input.source.layer,
        "attribute 'windowAfter' must be a number of positions, or 0 for all, and 0 where a query is causal")
    }
  }

  /// Checks what does not depend on positions.
  static func validateLayer(_ input: CheckedCase, hasScores: Bool = true) throws(CaseError) {
    let (heads, keyValueHeads) = (input.extent("heads"), input.extent("keyValueHeads"))
    guard keyValueHeads > 0, heads.isMultiple(of: keyValueHeads) else {
      throw CaseError(
        input.source.layer, "\(heads) heads cannot share \(keyValueHeads) heads of keys and values evenly")
    }
    guard input.integer("window") >= 0 else {
      throw CaseError(input.source.layer, "attribute 'window' must be a number of positions, or 0 for all")
    }
    guard hasScores else { return }
    guard input.extent("headSize") > 0 else { throw CaseError(input.source.layer, "a head must have elements") }
    for name in ["scale", "softCap", "alibi"] { try input.requireFromZeroUp(name) }
    guard LinearBias.allowedExponents ~= Double(input.number("alibi")) else {
      throw CaseError(input.source.layer, "attribute 'alibi' must be at most 512")
    }
  }
}

extension AttentionLayer {
  /// The mask as the attributes of a case; a window that ends at a token's own position is the causal mask.
  package var maskOfCase: [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    if let window { attributes["window"] = .integer(window) }
    guard !isCausal, windowAfter != 0 else { return attributes }
    attributes["causal"] = .flag(false)
    if let windowAfter { attributes["windowAfter"] = .integer(windowAfter) }
    return attributes
  }
}

extension LayerSignature {
  /// The attribute that keeps scores and logits within bounds.
  static let softCap = Attribute("softCap", .real(0), "what results are kept within by a tanh; 0 for nothing")
}

enum AttentionScoresEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .attentionScores,
    "y[h, t, s] = scale · Σᵢ query[t, h, i] · key[s, g(h), i], for positions the mask allows; "
      + "with a soft cap, softCap · tanh(y / softCap); with alibi, less 2^(−e[h]) times the distance of t and s",
    tensors: [
      .input("query", ["tokens", "heads", "headSize"]), .input("key", ["positions", "keyValueHeads", "headSize"]),
    ],
    attributes: AttentionPart.mask + AttentionPart.scores, output: ["heads", "tokens", "positions"],
    maskedRow:
      "what the mask does not allow holds no value and is not compared: a row that sees nothing may hold anything")

  static func validate(_ input: CheckedCase) throws(CaseError) { try AttentionPart.validate(input) }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.attentionScores(
      input.real("query"), input.real("key"), AttentionPart.layer(input),
      firstPosition: input.integer("firstPosition"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.attentionScores(
      input.real("query"), input.real("key"), AttentionPart.layer(input),
      firstPosition: input.integer("firstPosition"), instructionSet: instructionSet)
  }
}

enum AttentionValuesEntry: CatalogueEntry {
  static let signature = LayerSignature(
    .attentionValues, "y[t, h, i] = Σₛ weights[h, t, s] · value[s, g(h), i], over positions the mask allows",
    tensors: [
      .input("weights", ["heads", "tokens", "positions"]), .input("value", ["positions", "keyValueHeads", "headSize"]),
    ],
    attributes: AttentionPart.mask, output: ["tokens", "heads", "headSize"], maskedRow: AttentionPart.maskedRow)

  static func validate(_ input: CheckedCase) throws(CaseError) {
    try AttentionPart.validate(input, hasScores: false)
  }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.attentionValues(
      input.real("weights"), input.real("value"), AttentionPart.layer(input, hasScores: false),
      firstPosition: input.integer("firstPosition"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.attentionValues(
      input.real("weights"), input.real("value"), AttentionPart.layer(input, hasScores: false),
      firstPosition: input.integer("firstPosition"), instructionSet: instructionSet)
  }
}

enum AttentionEntry: CatalogueEntry {
  static let tensors: [LayerSignature.Tensor] = [
    .input("query", ["tokens", "heads", "headSize"]), .input("key", ["positions", "keyValueHeads", "headSize"]),
    .input("value", ["positions", "keyValueHeads", "headSize"]),
  ]
  static let signature = LayerSignature(
    .attention, "y = attention-values(softmax(attention-scores(query, key)), value)", tensors: tensors,
    attributes: AttentionPart.mask + AttentionPart.scores, output: ["tokens", "heads", "headSize"],
    maskedRow: AttentionPart.maskedRow)

  static func validate(_ input: CheckedCase) throws(CaseError) { try AttentionPart.validate(input) }

  static func expectation(of input: CheckedCase, precision: Int) throws(EnclosureError) -> Expectation? {
    try Checks.attention(
      input.real("query"), input.real("key"), input.real("value"), AttentionPart.layer(input),
      firstPosition: input.integer("firstPosition"), precision: precision)
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.attention(
      input.real("query"), input.real("key"), input.real("value"), AttentionPart.layer(input),
      firstPosition: input.integer("firstPosition"), instructionSet: instructionSet)
  }
}
