import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel

extension CaseFormula where Self: AttentionBackward {
  package init(reading input: CaseInput<Context>) {
    var attention = Attention(reading: input)
    if let sinks = input.optionalReal("sinks")?.elements {
      let tokens = attention.scores.query.shape[0]
      attention.softmax.sink = { sinks[$0 / tokens] }
    }
    self.init(AttentionGradients(attention, gradient: input.real("gradient")))
  }
}

extension AttentionQueryBackward: CaseFormula {}
extension AttentionKeyBackward: CaseFormula {}
extension AttentionValueBackward: CaseFormula {}
extension AttentionSinksBackward: CaseFormula {}

/// The common ground of the gradients of an attention's inputs.
private enum AttentionBackwardPart {
  static let gradients =
    "p = softmax of the scores, ds = p · (dp − Σ p · dp), dp[s] = Σ_i gradient[t, h, i] · value[s, g(h), i]; "
    + "with a soft cap ds · (1 − tanh²)"

  static func signature(
    _ layer: LayerKind, _ formula: String, output: [String], needsSinks: Bool = false
  ) -> LayerSignature {
    let tensors: [LayerSignature.Tensor] = [
      .input("gradient", ["tokens", "heads", "headSize"]),
      .parameter("sinks", ["heads"], isOptional: !needsSinks),
    ]
    return LayerSignature(
      layer, formula, tensors: AttentionEntry.signature.tensors + tensors,
      attributes: AttentionEntry.signature.attributes, output: output,
      maskedRow: "a query that sees nothing has a gradient of 0 and adds nothing to those of keys and values")
  }

  static func gradients(_ input: CheckedCase) -> Engine.AttentionGradients {
    var layer = AttentionPart.layer(input)
    if let sinks = input.optionalReal("sinks") {
      layer.sinks = AttentionSinks(tensor: input.weights("sinks"), logits: sinks.elements)
    }
    return Engine.attentionBackward(
      input.real("query"), input.real("key"), input.real("value"), gradient: input.real("gradient"),
      layer, firstPosition: input.integer("firstPosition"))
  }
}

enum AttentionQueryBackwardEntry: FormulaEntry {
  static let signature = AttentionBackwardPart.signature(
    .attentionQueryBackward,
    "dquery[t, h, i] = scale · Σₛ ds[s] · key[s, g(h), i], \(AttentionBackwardPart.gradients)",
    output: ["tokens", "heads", "headSize"])

  static let known = AttentionPart.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    AttentionQueryBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try AttentionPart.validate(input) }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    AttentionBackwardPart.gradients(input).query
  }
}

enum AttentionKeyBackwardEntry: FormulaEntry {
  static let signature = AttentionBackwardPart.signature(
    .attentionKeyBackward,
    "dkey[s, k, i] = scale · Σ ds[s] · query[t, h, i] over h with g(h) = k and t, \(AttentionBackwardPart.gradients)",
    output: ["positions", "keyValueHeads", "headSize"])

  static let known = AttentionPart.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    AttentionKeyBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try AttentionPart.validate(input) }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    AttentionBackwardPart.gradients(input).key
  }
}

enum AttentionValueBackwardEntry: FormulaEntry {
  static let signature = AttentionBackwardPart.signature(
    .attentionValueBackward,
    "dvalue[s, k, i] = Σ p[s] · gradient[t, h, i] over h with g(h) = k and t, p = softmax of the scores",
    output: ["positions", "keyValueHeads", "headSize"])

  static let known = AttentionPart.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    AttentionValueBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try AttentionPart.validate(input) }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    AttentionBackwardPart.gradients(input).value
  }
}

enum AttentionSinksBackwardEntry: FormulaEntry {
  static let signature = AttentionBackwardPart.signature(
    .attentionSinksBackward,
    "dsinks[h] = −Σ_t p[sink] · Σₛ p[s] · dp[s], p = softmax of the scores and the head's sink, "
      + "dp[s] = Σ_i gradient[t, h, i] · value[s, g(h), i]",
    output: ["heads"], needsSinks: true)

  static let known = AttentionPart.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    AttentionSinksBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try AttentionPart.validate(input) }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    AttentionBackwardPart.gradients(input).sinks
  }
}
