import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel
import PlumbTolerance

extension ExpertsInputBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    func product(_ name: String, _ expert: Int) -> LinearBackward<Context> {
      LinearBackward(.none, weight: input.weights(name, of: expert), in: input.context)
    }
    self.init(
      Experts(reading: input), gradient: input.real("gradient"), ExpertsPart.activation(input.source),
      products: (0..<input.source.extent("experts")).map {
        (product("down", $0), product("gate", $0), product("up", $0))
      })
  }
}

extension ExpertsWeightsBackward: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    self.init(Experts(reading: input), gradient: input.real("gradient"))
  }
}

enum ExpertsBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .expertsBackward,
    "dx[t] = Σₛ gate[e]ᵀ · dh + up[e]ᵀ · du, e = choice[t, s], h = gate[e] · x[t] + gateBias[e], "
      + "u = up[e] · x[t] + upBias[e], dz = down[e]ᵀ · (weights[t, s] · gradient[t]), dh = dz · u · activation′(h), "
      + "du = dz · activation(h)",
    tensors: ExpertsPart.tensors + [.input("gradient", ["tokens", "hidden"])], attributes: ExpertsPart.attributes,
    output: ["tokens", "hidden"])

  static let known = ExpertsPart.known

  static func validate(_ input: CheckedCase) throws(CaseError) { try ExpertsPart.validate(input) }

  static func readings(of input: CheckedCase, in model: ArithmeticModel) -> [FormulaName?] {
    input.readings(meetsLimit: ExpertsPart.mayMeetLimit(input), in: model)
  }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ExpertsInputBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.expertsBackward(
      input.real("x"), choice: input.integers("choice"), weights: input.real("weights"), ExpertsPart.experts(input),
      gradient: input.real("gradient"))
  }
}

enum ExpertsWeightsBackwardEntry: FormulaEntry {
  static let signature = LayerSignature(
    .expertsWeightsBackward,
    "dweights[t, s] = Σᵢ gradient[t, i] · z[i], z what expert choice[t, s] gives for x[t], as in experts",
    tensors: ExpertsEntry.signature.tensors + [.input("gradient", ["tokens", "hidden"])],
    attributes: ExpertsPart.attributes, output: ["tokens", "chosen"])

  static let known = ExpertsPart.known

  static func validate(_ input: CheckedCase) throws(CaseError) { try ExpertsPart.validate(input) }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    ExpertsWeightsBackward(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.expertsWeightsBackward(
      input.real("x"), choice: input.integers("choice"), ExpertsPart.experts(input), gradient: input.real("gradient"))
  }
}
