import PlumbBounds
import PlumbLayers
import PlumbModel
import PlumbTolerance

// The formulas of rotation, attention, softmax and what is made of it, as the others.

extension RotaryEmbedding: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), RotaryPart.scaledLayer(input.source), firstPosition: input.source.integer("firstPosition"),
      in: input.context)
  }
}

extension RotaryEmbeddingEntry: ModelledEntry {
  static let known = signature.attributes.map(\.name)

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    RotaryEmbedding(reading: input).forward()
  }
}

extension AttentionScores: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("query"), input.real("key"), AttentionPart.layer(input.source),
      firstPosition: input.source.integer("firstPosition"), in: input.context)
  }
}

extension AttentionScoresEntry: ModelledEntry {
  static let known = AttentionPart.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    AttentionScores(reading: input).forward()
  }
}

extension AttentionValues: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("weights"), input.real("value"), AttentionPart.layer(input.source, hasScores: false),
      firstPosition: input.source.integer("firstPosition"), in: input.context)
  }
}

extension AttentionValuesEntry: ModelledEntry {
  static let known = ["causal", "window", "windowAfter", "firstPosition"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    AttentionValues(reading: input).forward()
  }
}

extension Attention: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("query"), input.real("key"), input.real("value"), AttentionPart.layer(input.source),
      firstPosition: input.source.integer("firstPosition"), in: input.context)
  }
}

extension AttentionEntry: ModelledEntry {
  static let known = AttentionPart.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Attention(reading: input).forward()
  }
}

extension Softmax: CaseFormula {}

extension SoftmaxEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Softmax(reading: input).forward()
  }
}

extension LogSoftmax: CaseFormula {}

extension LogSoftmaxEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    LogSoftmax(reading: input).forward()
  }
}
