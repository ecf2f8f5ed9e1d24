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
    guard let source = layerCase(inputs, block ?? name.block) else { return nil }
    return try? CheckedCase(source)
  }

  private func layerCase(_ inputs: [Activation<Float>], _ block: Int?) -> LayerCase? {
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
        tensors: ["x": .real(inputs[0]), "weight": .real(Self.numbers(layer.weight))])
    case .linear, .unembedding:
      guard let layer = product(block) else { return nil }
      let columns = layer.weight.columns
      guard columns > 0 else { return nil }
      var rows = inputs[0].reshaped([inputs[0].elements.count / columns, columns])
      if name.role == .logits { rows = Activation(shape: [1, columns], elements: Array(rows.row(rows.rows - 1))) }
      var tensors: [String: CaseTensor] = ["x": .real(rows), "weight": .real(Self.numbers(layer.weight))]
      if let bias = layer.bias { tensors["bias"] = .real(Self.numbers(bias)) }
      return LayerCase(layer: name.layer, tensors: tensors)
    case .rotaryEmbedding:
      let rotary = transformer.rotary
      return LayerCase(
        layer: .rotaryEmbedding,
        attributes: [
          "theta": .real(rotary.theta), "interleaved": .flag(rotary.pairing == .adjacent),
          "rotatedSize": .integer(rotary.rotatedSize), "scalingFactor": .real(rotary.scalingFactor),
        ],
        tensors: ["x": .real(inputs[0])])
    case .attentionScores:
      return LayerCase(layer: .attentionScores, tensors: ["query": .real(inputs[0]), "key": .real(inputs[1])])
    case .softmax:
      let x = inputs[0]
      let (tokens, positions) = (x.shape.count == 3 ? x.shape[1] : 1, x.columns)
      let isMasked = name.role == .attentionWeights
      let elements = x.elements.enumerated().map { index, score in
        !isMasked || transformer.attention.allows(query: index / positions % tokens, key: index % positions)
          ? score : -.infinity
      }
      return LayerCase(
        layer: .softmax, tensors: ["x": .real(Activation(shape: [x.rows, positions], elements: elements))])
    case .attentionValues:
      return LayerCase(layer: .attentionValues, tensors: ["weights": .real(inputs[0]), "value": .real(inputs[1])])
    case .residualAdd:
      return LayerCase(layer: .residualAdd, tensors: ["x": .real(inputs[0]), "residual": .real(inputs[1])])
    case .silu: return LayerCase(layer: .silu, tensors: ["x": .real(inputs[0])])
    case .gate: return LayerCase(layer: .gate, tensors: ["gate": .real(inputs[0]), "x": .real(inputs[1])])
    default: return nil
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
