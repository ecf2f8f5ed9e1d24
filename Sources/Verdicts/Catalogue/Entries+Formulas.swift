import PlumbBounds
import PlumbLayers
import PlumbModel
import PlumbTolerance

// How a case feeds each layer's formula, and which of its attributes the formula knows: an entry without a formula, or a
// case with another attribute, is refused in other arithmetics than the engine's.

extension CaseFormula where Self: FormulaOfOneTensor {
  package init(reading input: CaseInput<Context>) { self.init(input.real("x"), in: input.context) }
}

extension Embedding: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.source.integers("tokens"), weight: input.weights("weight"), in: input.context)
  }
}

extension EmbeddingEntry {
  static let formula: Formula? = Formula(Embedding.self, exactly: Embedding.self, knows: [])
}

extension LearnedPosition: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), weight: input.weights("weight"), firstPosition: input.source.integer("firstPosition"),
      in: input.context)
  }
}

extension LearnedPositionEntry {
  static let formula: Formula? = Formula(LearnedPosition.self, exactly: LearnedPosition.self, knows: ["firstPosition"])
}

extension RMSNorm: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), weight: input.real("weight"), epsilon: input.source.number("epsilon"),
      addsOne: input.source.flag("addsOne"), in: input.context)
  }
}

extension RMSNormEntry {
  static let formula: Formula? = Formula(RMSNorm.self, exactly: RMSNorm.self, knows: ["epsilon", "addsOne"])
}

extension LayerNorm: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), weight: input.real("weight"), bias: input.optionalReal("bias"),
      epsilon: input.source.number("epsilon"), in: input.context)
  }
}

extension LayerNormEntry {
  static let formula: Formula? = Formula(LayerNorm.self, exactly: LayerNorm.self, knows: ["epsilon"])
}

extension Linear: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), weight: input.weights("weight"), bias: input.optionalReal("bias"), in: input.context)
  }
}

extension LinearEntry {
  static let formula: Formula? = Formula(Linear.self, exactly: Linear.self, knows: [])
}

extension Unembedding: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      Linear(input.real("x"), weight: input.weights("weight"), in: input.context),
      softCap: input.source.nonZero("softCap"))
  }
}

extension UnembeddingEntry {
  static let formula: Formula? = Formula(Unembedding.self, exactly: Unembedding.self, knows: ["softCap"])
}

extension RotaryEmbedding: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), RotaryPart.layer(input.source), firstPosition: input.source.integer("firstPosition"),
      in: input.context)
  }
}

extension RotaryEmbeddingEntry {
  static let formula: Formula? = Formula(RotaryEmbedding.self, exactly: RotaryEmbedding.self, knows: ["theta", "interleaved", "rotatedSize", "scalingFactor", "firstPosition"])
}

extension AttentionScores: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("query"), input.real("key"), AttentionPart.layer(input.source),
      firstPosition: input.source.integer("firstPosition"), in: input.context)
  }
}

extension AttentionScoresEntry {
  static let formula: Formula? = Formula(AttentionScores.self, exactly: AttentionScores.self, knows: ["causal", "window", "firstPosition", "scale", "softCap"])
}

extension AttentionValues: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("weights"), input.real("value"), AttentionPart.layer(input.source, hasScores: false),
      firstPosition: input.source.integer("firstPosition"), in: input.context)
  }
}

extension AttentionValuesEntry {
  static let formula: Formula? = Formula(AttentionValues.self, exactly: AttentionValues.self, knows: ["causal", "window", "firstPosition"])
}

extension Attention: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("query"), input.real("key"), input.real("value"), AttentionPart.layer(input.source),
      firstPosition: input.source.integer("firstPosition"), in: input.context)
  }
}

extension AttentionEntry {
  static let formula: Formula? = Formula(Attention.self, exactly: Attention.self, knows: ["causal", "window", "firstPosition", "scale", "softCap"])
}

extension Softmax: CaseFormula {}

extension SoftmaxEntry {
  static let formula: Formula? = Formula(Softmax.self, exactly: Softmax.self, knows: [])
}

extension LogSoftmax: CaseFormula {}

extension LogSoftmaxEntry {
  static let formula: Formula? = Formula(LogSoftmax.self, exactly: LogSoftmax.self, knows: [])
}

extension CrossEntropy: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("logits"), targets: input.source.integers("targets"), in: input.context)
  }
}

extension CrossEntropyEntry {
  static let formula: Formula? = Formula(CrossEntropy.self, exactly: CrossEntropy.self, knows: [])
}

extension ResidualAdd: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("residual"), in: input.context)
  }
}

extension ResidualAddEntry {
  static let formula: Formula? = Formula(ResidualAdd.self, exactly: ResidualAdd.self, knows: [])
}

extension Scale: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), ScalePart.layer(input.source), in: input.context)
  }
}

extension ScaleEntry {
  static let formula: Formula? = Formula(Scale.self, exactly: Scale.self, knows: ["factor", "root", "divides"])
}

extension Gate: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("gate"), in: input.context)
  }
}

extension GateEntry {
  static let formula: Formula? = Formula(Gate.self, exactly: Gate.self, knows: [])
}

extension ReLU: CaseFormula {}

extension ReLUEntry {
  static let formula: Formula? = Formula(ReLU.self, exactly: ReLU.self, knows: [])
}

extension GELU: CaseFormula {}

extension GELUEntry {
  static let formula: Formula? = Formula(GELU.self, exactly: GELU.self, knows: [])
}

extension GELUTanh: CaseFormula {}

extension GELUTanhEntry {
  static let formula: Formula? = Formula(GELUTanh.self, exactly: GELUTanh.self, knows: [])
}

extension SiLU: CaseFormula {}

extension SiLUEntry {
  static let formula: Formula? = Formula(SiLU.self, exactly: SiLU.self, knows: [])
}

extension FeedForward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      up: Linear(input.real("x"), weight: input.weights("up"), bias: input.optionalReal("upBias"), in: input.context),
      input.source.activation,
      down: Linear(.none, weight: input.weights("down"), bias: input.optionalReal("downBias"), in: input.context))
  }
}

extension FeedForwardEntry {
  static let formula: Formula? = Formula(FeedForward.self, exactly: FeedForward.self, knows: ["activation"])
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

extension GatedFeedForwardEntry {
  static let formula: Formula? = Formula(GatedFeedForward.self, exactly: GatedFeedForward.self, knows: ["activation"])
}

extension CosineSimilarity: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), input.real("y"), in: input.context)
  }
}

extension CosineSimilarityEntry {
  static let formula: Formula? = Formula(CosineSimilarity.self, exactly: CosineSimilarity.self, knows: [])
}
