import PlumbBounds
import PlumbModel
import PlumbTolerance

// How each entry of the catalogue feeds its formula in error-tracking arithmetic. An entry without one, or a case with an
// attribute that the formula does not know, is refused: nothing is guessed.

extension EmbeddingEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.embedding(input.integers("tokens"), weight: model.read(input.real("weight")), model)
  }
}

extension LearnedPositionEntry {
  static let modelledAttributes: [String]? = ["firstPosition"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.learnedPosition(
      model.read(input.real("x")), weight: model.read(input.real("weight")),
      firstPosition: input.integer("firstPosition"), model)
  }
}

extension RMSNormEntry {
  static let modelledAttributes: [String]? = ["epsilon", "addsOne"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.rmsNorm(
      model.read(input.real("x")), weight: model.read(input.real("weight")), epsilon: input.number("epsilon"),
      addsOne: input.flag("addsOne"), model)
  }
}

extension LayerNormEntry {
  static let modelledAttributes: [String]? = ["epsilon"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.layerNorm(
      model.read(input.real("x")), weight: model.read(input.real("weight")),
      bias: input.optionalReal("bias").map { model.read($0) }, epsilon: input.number("epsilon"), model)
  }
}

extension LinearEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.linear(
      model.read(input.real("x")), model.read(input.real("weight")),
      bias: input.optionalReal("bias").map { model.read($0) }, model)
  }
}

extension UnembeddingEntry {
  static let modelledAttributes: [String]? = ["softCap"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    let logits = Modelled.linear(model.read(input.real("x")), model.read(input.real("weight")), model)
    return input.nonZero("softCap").map { cap in logits.map { Modelled.softCapped($0, cap, model) } } ?? logits
  }
}

extension RotaryEmbeddingEntry {
  static let modelledAttributes: [String]? = [
    "theta", "interleaved", "rotatedSize", "scalingFactor", "firstPosition",
  ]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.rotaryEmbedding(
      model.read(input.real("x")), RotaryPart.layer(input), firstPosition: input.integer("firstPosition"), model)
  }
}

extension AttentionScoresEntry {
  static let modelledAttributes: [String]? = ["causal", "window", "firstPosition", "scale", "softCap"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.attentionScores(
      model.read(input.real("query")), model.read(input.real("key")), AttentionPart.layer(input),
      firstPosition: input.integer("firstPosition"), model)
  }
}

extension AttentionValuesEntry {
  static let modelledAttributes: [String]? = ["causal", "window", "firstPosition"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.attentionValues(
      model.read(input.real("weights")), model.read(input.real("value")), AttentionPart.layer(input, hasScores: false),
      firstPosition: input.integer("firstPosition"), model)
  }
}

extension AttentionEntry {
  static let modelledAttributes: [String]? = ["causal", "window", "firstPosition", "scale", "softCap"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.attention(
      model.read(input.real("query")), model.read(input.real("key")), model.read(input.real("value")),
      AttentionPart.layer(input),
      firstPosition: input.integer("firstPosition"), model)
  }
}

extension SoftmaxEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.softmax(model.read(input.real("x")), model)
  }
}

extension LogSoftmaxEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.logSoftmax(model.read(input.real("x")), model)
  }
}

extension CrossEntropyEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.crossEntropy(model.read(input.real("logits")), targets: input.integers("targets"), model)
  }
}

extension ResidualAddEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.residualAdd(model.read(input.real("x")), model.read(input.real("residual")), model)
  }
}

extension GateEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.gate(model.read(input.real("gate")), model.read(input.real("x")), model)
  }
}

extension ReLUEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.relu(model.read(input.real("x")), model)
  }
}

extension GELUEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.gelu(model.read(input.real("x")), model)
  }
}

extension GELUTanhEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.geluTanh(model.read(input.real("x")), model)
  }
}

extension SiLUEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.silu(model.read(input.real("x")), model)
  }
}

extension FeedForwardEntry {
  static let modelledAttributes: [String]? = ["activation"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.feedForward(
      model.read(input.real("x")), up: model.read(input.real("up")),
      upBias: input.optionalReal("upBias").map { model.read($0) }, input.activation,
      down: model.read(input.real("down")),
      downBias: input.optionalReal("downBias").map { model.read($0) }, model)
  }
}

extension GatedFeedForwardEntry {
  static let modelledAttributes: [String]? = ["activation"]

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.gatedFeedForward(
      model.read(input.real("x")), gate: model.read(input.real("gate")), up: model.read(input.real("up")),
      input.activation, down: model.read(input.real("down")), model)
  }
}

extension CosineSimilarityEntry {
  static let modelledAttributes: [String]? = []

  static func modelled(_ input: CheckedCase, _ model: ArithmeticModel) -> Activation<Tracked>? {
    Modelled.cosineSimilarity(model.read(input.real("x")), model.read(input.real("y")), model)
  }
}
