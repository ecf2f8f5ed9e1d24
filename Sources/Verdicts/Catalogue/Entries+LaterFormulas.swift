import PlumbBounds
import PlumbLayers
import PlumbModel
import PlumbTolerance

// The formulas of rotation, attention and all that follows them, as the others.

extension RotaryEmbedding: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), RotaryPart.layer(input.source), firstPosition: input.source.integer("firstPosition"),
      in: input.context)
  }
}

extension RotaryEmbeddingEntry: ModelledEntry {
  static let known = ["theta", "interleaved", "rotatedSize", "scalingFactor", "firstPosition"]

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
  static let known = ["causal", "window", "firstPosition", "scale", "softCap"]

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
  static let known = ["causal", "window", "firstPosition"]

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
  static let known = ["causal", "window", "firstPosition", "scale", "softCap"]

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

extension CrossEntropy: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("logits"), targets: input.source.integers("targets"), in: input.context)
  }
}

extension CrossEntropyEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    CrossEntropy(reading: input).forward()
  }
}

extension ResidualAdd: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("residual"), in: input.context)
  }
}

extension ResidualAddEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ResidualAdd(reading: input).forward()
  }
}

extension Scale: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), ScalePart.layer(input.source), in: input.context)
  }
}

extension ScaleEntry: ModelledEntry {
  static let known = ["factor", "root", "divides"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Scale(reading: input).forward()
  }
}

extension Gate: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("gate"), in: input.context)
  }
}

extension GateEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Gate(reading: input).forward()
  }
}

extension ReLU: CaseFormula {}

extension ReLUEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ReLU(reading: input).forward()
  }
}

extension GELU: CaseFormula {}

extension GELUEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GELU(reading: input).forward()
  }
}

extension GELUTanh: CaseFormula {}

extension GELUTanhEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GELUTanh(reading: input).forward()
  }
}

extension SiLU: CaseFormula {}

extension SiLUEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    SiLU(reading: input).forward()
  }
}

extension FeedForward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      up: Linear(input.real("x"), weight: input.weights("up"), bias: input.optionalReal("upBias"), in: input.context),
      input.source.activation,
      down: Linear(.none, weight: input.weights("down"), bias: input.optionalReal("downBias"), in: input.context))
  }
}

extension FeedForwardEntry: ModelledEntry {
  static let known = ["activation"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    FeedForward(reading: input).forward()
  }
}

extension GatedFeedForward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    func product(_ x: Activation<Context.Number>, _ name: String) -> Linear<Context> {
      Linear(x, weight: input.weights(name), in: input.context)
    }
    let x = input.real("x")
    self.init(gate: product(x, "gate"), up: product(x, "up"), input.source.activation, down: product(.none, "down"))
  }
}

extension GatedFeedForwardEntry: ModelledEntry {
  static let known = ["activation"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    GatedFeedForward(reading: input).forward()
  }
}

extension CosineSimilarity: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("y"), in: input.context)
  }
}

extension CosineSimilarityEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    CosineSimilarity(reading: input).forward()
  }
}
