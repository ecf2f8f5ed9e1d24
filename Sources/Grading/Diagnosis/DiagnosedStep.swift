import PlumbEngine
import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts

/// One step of a pass as a case of its layer, on given inputs.
struct DiagnosedStep {
  let step: Step
  let transformer: Transformer
  let tokens: [Int]

  /// The case, from the activations that the step takes; `nil` where one is missing or does not fit.
  ///
  /// With `operation`, the layer has the weights of that one.
  func makeCase(_ values: [ActivationName: Activation<Float>], as operation: Operation? = nil) -> CheckedCase? {
    let inputs = step.inputs.compactMap { values[$0] }
    guard inputs.count == step.inputs.count else { return nil }
    return makeCase(inputs, operation ?? step.operation)
  }

  /// The case whose inputs are known by enclosures in `arithmetic`; `nil` where they do not fit.
  func makeInput(_ inputs: [Activation<Enclosed>], in arithmetic: ArithmeticModel) -> CaseInput<EnclosureContext>? {
    // The case holds what is known as Float32s, the weights, and the shapes of what is not.
    guard inputs.count == step.inputs.count,
      let source = makeCase(inputs.map { $0.map { _ in Float(0) } }, step.operation)
    else { return nil }
    var input = CaseInput(source, in: EnclosureContext(arithmetic))
    input.known = tensors(inputs, hidden: .hidden)
    input.weightError = weightError
    return input
  }

  /// The relative distance that the exact weights of a layer of this kind may have from their Float32s; 0 where there are none.
  var weightError: Double {
    let tensors =
      switch step.operation {
      case .embedding, .linear, .unembedding: transformer.tensors
      default: transformer.plan.steps.filter { $0.layer == step.layer }.flatMap(\.operation.tensors)
      }
    return tensors.map { Engine.weightRelativeError(of: $0.type) }.max() ?? 0
  }

  private func makeCase(_ inputs: [Activation<Float>], _ operation: Operation) -> CheckedCase? {
    guard let parameters = parameters(operation) else { return nil }
    var source = parameters
    source.tensors.merge(tensors(inputs, hidden: -.infinity).mapValues(CaseTensor.real)) { $1 }
    return try? CheckedCase(source)
  }

  /// The layer of `operation` with its weights and attributes, without inputs.
  private func parameters(_ operation: Operation) -> LayerCase? {
    switch operation {
    case .embedding(let layer):
      let numbers = Activation(shape: [tokens.count], elements: tokens)
      return LayerCase(
        layer: .embedding,
        tensors: ["tokens": .integer(numbers), "weight": .real(Self.numbers(layer.weight))])
    case .rmsNorm(let layer):
      return LayerCase(
        layer: .rmsNorm, attributes: ["epsilon": .real(layer.epsilon), "addsOne": .flag(layer.addsOne)],
        tensors: ["weight": .real(Self.numbers(layer.weight))])
    case .layerNorm(let layer):
      var tensors: [String: CaseTensor] = ["weight": .real(Self.numbers(layer.weight))]
      if let bias = layer.bias { tensors["bias"] = .real(Self.numbers(bias)) }
      return LayerCase(layer: .layerNorm, attributes: ["epsilon": .real(layer.epsilon)], tensors: tensors)
    case .learnedPosition(let layer):
      return LayerCase(layer: .learnedPosition, tensors: ["weight": .real(Self.numbers(layer.weight))])
    case .linear(let layer), .unembedding(let layer, _):
      var tensors: [String: CaseTensor] = ["weight": .real(Self.numbers(layer.weight))]
      if let bias = layer.bias { tensors["bias"] = .real(Self.numbers(bias)) }
      var attributes: [String: AttributeValue] = [:]
      if case .unembedding(_, let cap?) = operation { attributes["softCap"] = .real(cap) }
      return LayerCase(layer: step.layer, attributes: attributes, tensors: tensors)
    case .scale(let layer):
      return LayerCase(
        layer: .scale,
        attributes: ["factor": .real(layer.factor), "root": .flag(layer.isRoot), "divides": .flag(layer.divides)],
        tensors: [:])
    case .rotaryEmbedding(let layer) where !operation.isOwnFormula && layer.scaling == .none && layer.magnitude.isOne:
      return LayerCase(
        layer: .rotaryEmbedding,
        attributes: [
          "theta": .real(layer.theta), "interleaved": .flag(layer.pairing == .adjacent),
          "rotatedSize": .integer(layer.rotatedSize), "scalingFactor": .real(layer.scalingFactor),
        ], tensors: [:])
    case .attentionScores(let layer), .attentionValues(let layer):
      guard layer.scaleSize == nil, layer.stretch.isOne else { return nil }
      var attributes = layer.maskOfCase
      if step.layer == .attentionScores {
        if let scale = layer.scale { attributes["scale"] = .real(scale) }
        if let cap = layer.softCap { attributes["softCap"] = .real(cap) }
        if let bias = layer.linearBias {
          guard let last = bias.last else { return nil }
          attributes["alibi"] = .real(last)
        }
      }
      return LayerCase(layer: step.layer, attributes: attributes, tensors: [:])
    case .clampedGate(let layer):
      return LayerCase(
        layer: .clampedGate, attributes: ["alpha": .real(layer.alpha), "limit": .real(layer.limit)], tensors: [:])
    case .clamp(let layer):
      return LayerCase(layer: .clamp, attributes: ["limit": .real(layer.limit)], tensors: [:])
    case .softmax(let layer) where layer?.sinks != nil: return nil
    case .softmax, .residualAdd, .activation, .gate: return LayerCase(layer: step.layer, tensors: [:])
    case .rotaryEmbedding, .router, .expertLinear, .expertSum: return nil
    }
  }

  /// The step's inputs by their names in its layer; `hidden` stands where a mask excludes a score.
  private func tensors<Element: Sendable>(
    _ inputs: [Activation<Element>], hidden: Element
  ) -> [String: Activation<Element>] {
    switch step.operation {
    case .embedding: return [:]
    case .softmax(let mask):
      let x = inputs[0]
      let (tokens, positions) = (x.shape.count == 3 ? x.shape[1] : 1, x.columns)
      let elements = x.elements.enumerated().map { index, score in
        mask?.allows(query: index / positions % tokens, key: index % positions) ?? true ? score : hidden
      }
      return ["x": Activation(shape: [x.rows, positions], elements: elements)]
    case .attentionScores: return ["query": inputs[0], "key": inputs[1]]
    case .attentionValues: return ["weights": inputs[0], "value": inputs[1]]
    case .residualAdd: return ["x": inputs[0], "residual": inputs[1]]
    case .gate: return ["gate": inputs[0].asMatrix, "x": inputs[1].asMatrix]
    case .clampedGate: return ["gate": inputs[0].asMatrix, "up": inputs[1].asMatrix]
    case .activation, .clamp: return ["x": inputs[0].asMatrix]
    default: return ["x": step.operation.arranged(inputs[0])]
    }
  }

  /// The tensor's numbers in Float32.
  static func numbers(_ tensor: Tensor) -> Activation<Float> {
    Engine.embedding(Array(0..<tensor.rows), EmbeddingLayer(weight: tensor)).reshaped(tensor.shape)
  }
}

extension Activation {
  /// The same rows as a matrix: those of the places of experts, one behind the other.
  fileprivate var asMatrix: Activation { reshaped([rows, columns]) }
}
