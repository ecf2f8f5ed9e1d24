import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel

extension SoftmaxBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), gradient: input.real("gradient"), in: input.context)
  }
}

enum SoftmaxBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .softmaxBackward, "dx = p · (gradient − Σⱼ p[j] · gradient[j]), p = softmax(x), along the last axis",
    tensors: [.input("x", ["rows", "columns"]), .input("gradient", ["rows", "columns"])], output: ["rows", "columns"])

  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    SoftmaxBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.softmaxBackward(input.real("x"), gradient: input.real("gradient"))
  }
}

extension LogSoftmaxBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(input.real("x"), gradient: input.real("gradient"), in: input.context)
  }
}

enum LogSoftmaxBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .logSoftmaxBackward, "dx = gradient − p · Σⱼ gradient[j], p = softmax(x), along the last axis",
    tensors: [.input("x", ["rows", "columns"]), .input("gradient", ["rows", "columns"])], output: ["rows", "columns"])

  static let known: [String] = []

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    LogSoftmaxBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.logSoftmaxBackward(input.real("x"), gradient: input.real("gradient"))
  }
}

extension CrossEntropyBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      input.real("logits"), targets: input.source.integers("targets"), gradient: input.real("gradient"),
      input.source.loss, in: input.context)
  }
}

enum CrossEntropyBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .crossEntropyBackward,
    "dlogits[t, j] = gradient[t] · (p[j] · (1 + 2 · zLoss · log Σᵢ e^logits[t, i]) − q[j]), p = softmax(logits[t]), "
      + "q[j] = smoothing / vocabulary, and 1 − smoothing more for target t; 0 for a target that is ignored",
    tensors: [
      .input("logits", ["tokens", "vocabulary"]), .indices("targets", ["tokens"], below: "vocabulary"),
      .input("gradient", ["tokens"]),
    ],
    attributes: CrossEntropyEntry.attributes, output: ["tokens", "vocabulary"])

  static let known = CrossEntropyEntry.known

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    CrossEntropyBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try CrossEntropyEntry.validate(input) }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.crossEntropyBackward(
      input.real("logits"), targets: input.integers("targets"), gradient: input.real("gradient"), input.loss)
  }
}
