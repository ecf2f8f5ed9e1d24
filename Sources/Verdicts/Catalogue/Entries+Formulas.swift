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

extension EmbeddingEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Embedding(reading: input).forward()
  }
}

extension LearnedPosition: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), weight: input.weights("weight"), firstPosition: input.source.integer("firstPosition"),
      in: input.context)
  }
}

extension LearnedPositionEntry: ModelledEntry {
  static let known = ["firstPosition"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    LearnedPosition(reading: input).forward()
  }
}

extension RMSNorm: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), weight: input.real("weight"), epsilon: input.source.number("epsilon"),
      addsOne: input.source.flag("addsOne"), in: input.context)
  }
}

extension RMSNormEntry: ModelledEntry {
  static let known = ["epsilon", "addsOne"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    RMSNorm(reading: input).forward()
  }
}

extension LayerNorm: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), weight: input.real("weight"), bias: input.optionalReal("bias"),
      epsilon: input.source.number("epsilon"), in: input.context)
  }
}

extension LayerNormEntry: ModelledEntry {
  static let known = ["epsilon"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    LayerNorm(reading: input).forward()
  }
}

extension Linear: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), weight: input.weights("weight"), bias: input.optionalReal("bias"), in: input.context)
  }
}

extension LinearEntry: ModelledEntry {
  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Linear(reading: input).forward()
  }
}

extension Unembedding: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      Linear(input.real("x"), weight: input.weights("weight"), in: input.context),
      softCap: input.source.nonZero("softCap"))
  }
}

extension UnembeddingEntry: ModelledEntry {
  static let known = ["softCap"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Unembedding(reading: input).forward()
  }
}
