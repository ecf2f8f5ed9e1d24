import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel

/// The common ground of the gradients of normalisations.
private enum NormPart {
  static let epsilon = LayerSignature.Attribute("epsilon", .real(1e-5), "added under the root, as forwards")
  static let x = LayerSignature.Tensor.input("x", ["tokens", "hidden"])
  static let gradient = LayerSignature.Tensor.input("gradient", ["tokens", "hidden"])
  static let weight = LayerSignature.Tensor.parameter("weight", ["hidden"])
}

extension RMSNormBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(RMSNorm(reading: input), gradient: input.real("gradient"))
  }
}

enum RMSNormBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .rmsNormBackward,
    "dx = (h − x̂ · mean(h · x̂)) · r, h = gradient · weight, x̂ = x · r, r = 1 / √(mean(x²) + epsilon)",
    tensors: [NormPart.x, NormPart.gradient, NormPart.weight],
    attributes: [NormPart.epsilon, LayerSignature.Attribute("addsOne", .flag(false), "the weight is stored less 1")],
    output: ["tokens", "hidden"])

  static let known = ["epsilon", "addsOne"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    RMSNormBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("epsilon") }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.rmsNormBackward(
      input.real("x"), gradient: input.real("gradient"), weight: input.real("weight").elements,
      epsilon: input.number("epsilon"), addsOne: input.flag("addsOne"))
  }
}

extension LayerNormBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    let norm = LayerNorm(
      input.real("x"), weight: input.real("weight"), bias: nil, epsilon: input.source.number("epsilon"),
      in: input.context)
    self.init(norm, gradient: input.real("gradient"))
  }
}

enum LayerNormBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .layerNormBackward,
    "dx = (h − mean(h) − x̂ · mean(h · x̂)) · r, h = gradient · weight, x̂ = (x − mean(x)) · r, "
      + "r = 1 / √(variance(x) + epsilon)",
    tensors: [NormPart.x, NormPart.gradient, NormPart.weight], attributes: [NormPart.epsilon],
    output: ["tokens", "hidden"])

  static let known = ["epsilon"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    LayerNormBackward(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("epsilon") }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.layerNormBackward(
      input.real("x"), gradient: input.real("gradient"), weight: input.real("weight").elements,
      epsilon: input.number("epsilon"))
  }
}

extension NormWeightBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(
      Norm(normalising: input.real("x"), epsilon: input.source.number("epsilon"), in: input.context),
      gradient: input.real("gradient"))
  }
}

enum RMSNormWeightBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .rmsNormWeightBackward, "dweight[j] = Σ_t gradient[t, j] · x[t, j] / √(mean(x[t]²) + epsilon)",
    tensors: [NormPart.x, NormPart.gradient], attributes: [NormPart.epsilon], output: ["hidden"])

  static let known = ["epsilon"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    NormWeightBackward<RMSNorm<Context>>(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("epsilon") }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.rmsNormWeightBackward(
      input.real("x"), gradient: input.real("gradient"), epsilon: input.number("epsilon"))
  }
}

enum LayerNormWeightBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .layerNormWeightBackward,
    "dweight[j] = Σ_t gradient[t, j] · (x[t, j] − mean(x[t])) / √(variance(x[t]) + epsilon)",
    tensors: [NormPart.x, NormPart.gradient], attributes: [NormPart.epsilon], output: ["hidden"])

  static let known = ["epsilon"]

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    NormWeightBackward<LayerNorm<Context>>(reading: input).forward()
  }

  static func validate(_ input: CheckedCase) throws(CaseError) { try input.requireFromZeroUp("epsilon") }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.layerNormWeightBackward(
      input.real("x"), gradient: input.real("gradient"), epsilon: input.number("epsilon"))
  }
}
