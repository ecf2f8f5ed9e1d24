import PlumbBounds
import PlumbEngine
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// The parts that a mixture of experts has in every direction.
enum ExpertsPart {
  static let tensors: [LayerSignature.Tensor] = [
    .input("x", ["tokens", "hidden"]), .choices("choice", ["tokens", "chosen"], below: "experts"),
    .input("weights", ["tokens", "chosen"]), .parameter("gate", ["experts", "feedForward", "hidden"]),
    .parameter("gateBias", ["experts", "feedForward"], isOptional: true),
    .parameter("up", ["experts", "feedForward", "hidden"]),
    .parameter("upBias", ["experts", "feedForward"], isOptional: true),
    .parameter("down", ["experts", "hidden", "feedForward"]),
  ]
  static let downBias = LayerSignature.Tensor.parameter("downBias", ["experts", "hidden"], isOptional: true)

  static let attributes = [
    LayerSignature.Attribute(
      "activation", .word(ActivationFunction.silu.rawValue),
      "the function of the gate, or both of the gate and of what it lets through, as in clamped-gate",
      words: ActivationFunction.allCases.map(\.rawValue) + [clampedGate]),
    LayerSignature.Attribute("alpha", .real(1.702), "what a clamped gate is multiplied by in the sigmoid"),
    LayerSignature.Attribute(
      "limit", .real(7), "the greatest clamped gate, and the greatest magnitude of what it lets through"),
  ]
  static let known = ["activation", "alpha", "limit"]
  static let clampedGate = LayerKind.clampedGate.rawValue

  static func clamp(_ input: CheckedCase) -> ClampedGateLayer? {
    input.word("activation") == clampedGate ? ClampedGateEntry.layer(input) : nil
  }

  /// Whether a clamped gate, or what it lets through, may be at the limit itself.
  static func mayMeetLimit(_ input: CheckedCase) -> Bool {
    guard let clamp = clamp(input) else { return false }
    let limit = Double(clamp.limit)
    let layer = Experts(reading: CaseInput(input, in: ArithmeticModel.declared))
    return Set(layer.choice).contains { expert in
      let x = layer.rows(of: layer.choice.indices.filter { layer.choice[$0] == expert })
      func product(_ product: Linear<ArithmeticModel>) -> [Tracked] {
        var product = product
        product.x = x
        return product.forward().elements
      }
      return product(layer.experts[expert].gate).contains { $0.lower <= limit && $0.upper >= limit }
        || product(layer.experts[expert].up).contains {
          $0.lower <= limit && $0.upper >= limit || $0.lower <= -limit && $0.upper >= -limit
        }
    }
  }

  /// The function of the gate; without one of its own, that of which the clamped gate's sigmoid is a part.
  static func activation(_ input: CheckedCase) -> ActivationFunction {
    ActivationFunction(rawValue: input.word("activation")) ?? .silu
  }

  static func validate(_ input: CheckedCase) throws(CaseError) {
    for name in ["alpha", "limit"] {
      guard input.number(name) > 0, input.number(name).isFinite else {
        throw CaseError(input.source.layer, "attribute '\(name)' must be a positive, finite number")
      }
    }
  }

  /// The experts as the engine has them.
  static func experts(_ input: CheckedCase) -> [GatedFeedForwardLayer] {
    let tensors = Dictionary(
      uniqueKeysWithValues: input.source.tensors.keys.compactMap { name in
        input.optionalWeights(name).map { (name, $0) }
      })
    return (0..<input.extent("experts")).map { expert in
      func part(_ name: String) -> Tensor? {
        tensors[name]?.part(expert..<expert + 1)
      }
      func product(_ name: String) -> LinearLayer {
        guard let weight = part(name) else { preconditionFailure("the signature has '\(name)'") }
        return LinearLayer(weight: weight, bias: part(name + "Bias"))
      }
      return GatedFeedForwardLayer(
        gate: product("gate"), up: product("up"), down: product("down"), activation: activation(input),
        clamp: clamp(input))
    }
  }
}

extension CaseInput {
  /// Row or matrix `expert` of the tensor `name`, as a weight of matrix products.
  func weights(_ name: String, of expert: Int) -> Weights<Context.Number> {
    let (all, rows) = (weights(name), source.source.tensors[name]?.shape[1] ?? 0)
    return all.part(expert * rows..<(expert + 1) * rows)
  }

  /// The product of `expert` with its bias, whose input is given later.
  fileprivate func product(_ name: String, of expert: Int) -> Linear<Context> {
    let bias = optionalReal(name + "Bias").map { bias in
      Activation(shape: [bias.columns], elements: Array(bias.row(expert)))
    }
    return Linear(.none, weight: weights(name, of: expert), bias: bias, in: context)
  }
}

extension Experts: CaseFormula {
  package init(reading input: CaseInput<Context>) {
    let experts = (0..<input.source.extent("experts")).map { expert in
      GatedFeedForward(
        gate: input.product("gate", of: expert), up: input.product("up", of: expert),
        ExpertsPart.activation(input.source), down: input.product("down", of: expert))
    }
    self.init(
      input.real("x"), choice: input.source.integers("choice"), weights: input.real("weights"), experts: experts,
      clamp: ExpertsPart.clamp(input.source), in: input.context)
  }
}

enum ExpertsEntry: FormulaEntry {
  static let signature = LayerSignature(
    .experts,
    "y[t] = Σₛ weights[t, s] · (down[e] · (activation(gate[e] · x[t] + gateBias[e]) · (up[e] · x[t] + upBias[e])) + "
      + "downBias[e]), e = choice[t, s]",
    tensors: ExpertsPart.tensors + [ExpertsPart.downBias], attributes: ExpertsPart.attributes,
    output: ["tokens", "hidden"])

  static let known = ExpertsPart.known

  static func validate(_ input: CheckedCase) throws(CaseError) { try ExpertsPart.validate(input) }

  static func forward<Context>(_ input: CaseInput<Context>) -> Activation<Context.Number> {
    Experts(reading: input).forward()
  }

  static func engine(_ input: CheckedCase, _ instructionSet: Engine.InstructionSet) -> Activation<Float> {
    Engine.experts(
      input.real("x"), choice: input.integers("choice"), weights: input.real("weights"), ExpertsPart.experts(input))
  }
}
