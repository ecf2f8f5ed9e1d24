import PlumbDrift
import PlumbEngine
import PlumbModel

/// One step of a pass as a case of its layer, on given inputs.
struct DiagnosedStep {
  let name: ActivationName
  let transformer: Transformer
  let tokens: [Int]

  /// The case, from the activations that the step takes; `nil` where one is missing or does not fit.
  ///
  /// With `block`, the weights are those of that block.
  func makeCase(_ values: [ActivationName: Activation<Float>], weightsOf block: Int? = nil) -> CheckedCase? {
    let inputs = name.inputs(in: transformer).compactMap { values[$0] }
    guard inputs.count == name.inputs(in: transformer).count else { return nil }
    return makeCase(inputs, block ?? name.block)
  }

  /// The case whose inputs are known by enclosures; `nil` where they do not fit.
  func makeInput(_ inputs: [Activation<Enclosed>]) -> PlainInput<Enclosed>? {
    // The case holds what is known as Float32s, the weights, and the shapes of what is not.
    guard inputs.count == name.inputs(in: transformer).count,
      let source = makeCase(inputs.map { $0.map { _ in Float(0) } }, name.block)
    else { return nil }
    var input = PlainInput<Enclosed>(source)
    input.known = tensors(inputs, hidden: .hidden)
    input.weightError = weightError
    return input
  }

  /// How far, relatively, the exact weights of a layer of this kind may be from their Float32s; 0 where there are none.
  var weightError: Double {
    let norms = transformer.blocks.flatMap { [$0.attentionNorm, $0.feedForwardNorm] } + [transformer.finalNorm]
    let tensors =
      switch name.layer {
      case .embedding, .linear, .unembedding: transformer.tensors
      case .rmsNorm: norms.map(\.weight)
      default: [Tensor]()
      }
    return tensors.map { Engine.weightRelativeError(of: $0.type) }.max() ?? 0
  }

  private func makeCase(_ inputs: [Activation<Float>], _ block: Int?) -> CheckedCase? {
    guard let parameters = parameters(block) else { return nil }
    var source = parameters
    source.tensors.merge(tensors(inputs, hidden: -.infinity).mapValues(CaseTensor.real)) { $1 }
    return try? CheckedCase(source)
  }

  /// The step's layer with its weights in `block` and its attributes, without inputs.
  private func parameters(_ block: Int?) -> LayerCase? {
    switch name.layer {
    case .embedding:
      let numbers = Activation(shape: [tokens.count], elements: tokens)
      return LayerCase(
        layer: .embedding,
        tensors: ["tokens": .integer(numbers), "weight": .real(Self.numbers(transformer.embedding.weight))])
    case .rmsNorm:
      guard let layer = norm(block) else { return nil }
      return LayerCase(
        layer: .rmsNorm, attributes: ["epsilon": .real(layer.epsilon), "addsOne": .flag(layer.addsOne)],
        tensors: ["weight": .real(Self.numbers(layer.weight))])
    case .linear, .unembedding:
      guard let layer = product(block) else { return nil }
      var tensors: [String: CaseTensor] = ["weight": .real(Self.numbers(layer.weight))]
      if let bias = layer.bias { tensors["bias"] = .real(Self.numbers(bias)) }
      return LayerCase(layer: name.layer, tensors: tensors)
    case .rotaryEmbedding:
      let rotary = transformer.rotary
      return LayerCase(
        layer: .rotaryEmbedding,
        attributes: [
          "theta": .real(rotary.theta), "interleaved": .flag(rotary.pairing == .adjacent),
          "rotatedSize": .integer(rotary.rotatedSize), "scalingFactor": .real(rotary.scalingFactor),
        ], tensors: [:])
    case .attentionScores, .softmax, .attentionValues, .residualAdd, .silu, .gate:
      return LayerCase(layer: name.layer, tensors: [:])
    default: return nil
    }
  }

  /// The step's inputs by their names in its layer; `hidden` stands where a mask excludes a score.
  private func tensors<Element: Sendable>(
    _ inputs: [Activation<Element>], hidden: Element
  ) -> [String: Activation<Element>] {
    switch name.layer {
    case .linear, .unembedding:
      // Attention's result has an axis of heads, which the product takes as one row.
      let x = inputs[0]
      let count = x.shape.first ?? 1
      let rows = x.reshaped([count, x.elements.count / max(count, 1)])
      guard name.role == .logits, rows.rows > 0 else { return ["x": rows] }
      return ["x": Activation(shape: [1, rows.columns], elements: Array(rows.row(rows.rows - 1)))]
    case .softmax:
      let x = inputs[0]
      let (tokens, positions) = (x.shape.count == 3 ? x.shape[1] : 1, x.columns)
      let isMasked = name.role == .attentionWeights
      let elements = x.elements.enumerated().map { index, score in
        !isMasked || transformer.attention.allows(query: index / positions % tokens, key: index % positions)
          ? score : hidden
      }
      return ["x": Activation(shape: [x.rows, positions], elements: elements)]
    case .attentionScores: return ["query": inputs[0], "key": inputs[1]]
    case .attentionValues: return ["weights": inputs[0], "value": inputs[1]]
    case .residualAdd: return ["x": inputs[0], "residual": inputs[1]]
    case .gate: return ["gate": inputs[0], "x": inputs[1]]
    case .embedding: return [:]
    default: return ["x": inputs[0]]
    }
  }

  /// The normalisation of the step in `block`.
  private func norm(_ block: Int?) -> RMSNormLayer? {
    guard let block else { return name.role == .finalNorm ? transformer.finalNorm : nil }
    guard transformer.blocks.indices.contains(block) else { return nil }
    let layers = transformer.blocks[block]
    return name.role == .attentionNorm ? layers.attentionNorm : layers.feedForwardNorm
  }

  /// The matrix product of the step in `block`.
  private func product(_ block: Int?) -> LinearLayer? {
    guard let block else { return transformer.unembedding }
    guard transformer.blocks.indices.contains(block) else { return nil }
    let layers = transformer.blocks[block]
    return switch name.role {
    case .query: layers.query
    case .key: layers.key
    case .value: layers.value
    case .attentionOutput: layers.output
    case .gate: layers.feedForward.gate
    case .up: layers.feedForward.up
    case .down: layers.feedForward.down
    default: nil
    }
  }

  /// The tensor's numbers in Float32.
  static func numbers(_ tensor: Tensor) -> Activation<Float> {
    Engine.embedding(Array(0..<tensor.rows), EmbeddingLayer(weight: tensor)).reshaped(tensor.shape)
  }
}
