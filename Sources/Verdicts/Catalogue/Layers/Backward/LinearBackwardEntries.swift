import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel

extension LinearBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("gradient"), weight: input.weights("weight"), in: input.context)
  }
}

enum LinearBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .linearBackward, "dx[t, j] = Σ_i gradient[t, i] · weight[i, j]",
    tensors: [.input("gradient", ["tokens", "outputs"]), .parameter("weight", ["outputs", "inputs"])],
    output: ["tokens", "inputs"])

  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    LinearBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.linearBackward(input.real("gradient"), weight: input.real("weight"))
  }
}

extension LinearWeightBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("gradient"), x: input.real("x"), in: input.context)
  }
}

enum LinearWeightBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .linearWeightBackward, "dweight[i, j] = Σ_t gradient[t, i] · x[t, j]",
    tensors: [.input("gradient", ["tokens", "outputs"]), .input("x", ["tokens", "inputs"])],
    output: ["outputs", "inputs"])

  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    LinearWeightBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.linearWeightBackward(input.real("gradient"), x: input.real("x"))
  }
}

extension BiasBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) { self.init(input.real("gradient"), in: input.context) }
}

enum BiasBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .biasBackward, "dbias[i] = Σ_t gradient[t, i]", tensors: [.input("gradient", ["tokens", "outputs"])],
    output: ["outputs"])

  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    BiasBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.biasBackward(input.real("gradient"))
  }
}

extension UnembeddingBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      Linear(input.real("x"), weight: input.weights("weight"), in: input.context), LinearBackward(reading: input),
      softCap: input.source.nonZero("softCap"))
  }
}

enum UnembeddingBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .unembeddingBackward,
    "dx[t, j] = Σ_i gradient[t, i] · weight[i, j]; with a soft cap the gradient times "
      + "1 − tanh²(Σⱼ weight[i, j] · x[t, j] / softCap)",
    tensors: [
      .input("x", ["tokens", "hidden"]), .parameter("weight", ["vocabulary", "hidden"]),
      .input("gradient", ["tokens", "vocabulary"]),
    ], attributes: [LayerSignature.softCap], output: ["tokens", "hidden"])

  static let known = ["softCap"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    UnembeddingBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("softCap") }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.unembeddingBackward(
      input.real("x"), weight: input.real("weight"), gradient: input.real("gradient"),
      softCap: input.nonZero("softCap"))
  }
}

extension UnembeddingWeightBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("x"), weight: input.weights("weight"), gradient: input.real("gradient"),
      softCap: input.source.nonZero("softCap"), in: input.context)
  }
}

enum UnembeddingWeightBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .unembeddingWeightBackward,
    "dweight[i, j] = Σ_t gradient[t, i] · x[t, j]; with a soft cap the gradient times "
      + "1 − tanh²(Σⱼ weight[i, j] · x[t, j] / softCap)",
    tensors: UnembeddingBackwardEntry.signature.tensors, attributes: [LayerSignature.softCap],
    output: ["vocabulary", "hidden"])

  static let known = ["softCap"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    UnembeddingWeightBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("softCap") }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.unembeddingWeightBackward(
      input.real("x"), weight: input.real("weight"), gradient: input.real("gradient"),
      softCap: input.nonZero("softCap"))
  }
}
