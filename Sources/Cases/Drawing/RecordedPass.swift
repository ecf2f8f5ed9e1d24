import PlumbEngine
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// The tensors that the layers of a model met in one pass of the engine: real activations and weights, as inputs for cases.
///
/// The pass uses the portable kernels on one thread, so that its bits are the same on every machine.
package struct RecordedPass: Sendable {
  private let transformer: Transformer
  private let activations: [ActivationName.Role: [Activation<Float>]]

  /// Records a pass of `transformer` over `tokens`.
  ///
  /// - Throws: `DriftError.pass` when the engine refuses them.
  package init(_ transformer: Transformer, tokens: [Int]) throws(DriftError) {
    var activations: [ActivationName.Role: [Activation<Float>]] = [:]
    do throws(Engine.PassError) {
      let pass = try Engine.Pass(transformer, threads: 1, instructionSet: .portable)
      try pass.append(tokens) { activations[$0.role, default: []].append($1) }
    } catch {
      throw .pass(error)
    }
    self.transformer = transformer
    self.activations = activations
  }

  /// The pass of the model that ships over the prompt that `plumb drift` has for it.
  package static let shipped: RecordedPass = {
    do {
      return try RecordedPass(
        LoadedModel.shipped.transformer, tokens: LoadedModel.usualPrompt.utf8.map { Int($0) })
    } catch {
      preconditionFailure("the model that ships refuses its own prompt: \(error)")
    }
  }()

  /// The tensors that stood in the place of the tensor `name` of `layer` in the pass.
  ///
  /// Others stand for it where none did: the hidden states between blocks for an activation, the weights of matrix products
  /// for a parameter.
  package func sources(of name: String, _ layer: LayerKind, isParameter: Bool) -> [Source] {
    func found(_ roles: ActivationName.Role...) -> [Source] {
      roles.flatMap { activations[$0] ?? [] }.map { .activation($0) }
    }
    func weights(_ isWanted: (Step) -> Bool) -> [Source] {
      transformer.plan.steps.filter(isWanted).compactMap(\.operation.tensors.first).map { .weights($0) }
    }
    func weights(_ roles: ActivationName.Role...) -> [Source] { weights { roles.contains($0.name.role) } }
    switch (layer.forwards ?? layer, name) {
    case (.rmsNorm, "weight"), (.layerNorm, "weight"): return weights { $0.layer == .rmsNorm || $0.layer == .layerNorm }
    case (.embedding, "weight"), (.learnedPosition, "weight"): return weights { $0.layer == .embedding }
    case (.unembedding, "weight"): return weights { $0.layer == .unembedding }
    case (.feedForward, "up"), (.gatedFeedForward, "up"): return weights(.up)
    case (.experts, "gate"): return weights(.gate)
    case (.experts, "up"): return weights(.up)
    case (.experts, "down"): return weights(.down)
    case (.experts, "x"): return found(.feedForwardNorm)
    case (.experts, "weights"), (.router, "logits"): return found(.attentionWeights, .logits)
    case (_, "gateBias"): return found(.down, .attentionOutput)
    case (.gatedFeedForward, "gate"): return weights(.gate)
    case (.feedForward, "down"), (.gatedFeedForward, "down"): return weights(.down)
    // The model has no biases: what its products add to the hidden states stands for them.
    case (_, "bias"), (_, "upBias"), (_, "downBias"): return found(.down, .attentionOutput)
    case (.linear, "x"): return found(.attentionNorm, .feedForwardNorm, .gatedUp)
    case (.feedForward, "x"), (.gatedFeedForward, "x"): return found(.feedForwardNorm)
    case (.unembedding, "x"): return found(.finalNorm)
    case (.rotaryEmbedding, "x"): return found(.query, .key)
    case (.attentionScores, "query"), (.attention, "query"), (.sinkAttention, "query"): return found(.rotatedQuery)
    case (.attentionScores, "key"), (.attention, "key"), (.sinkAttention, "key"): return found(.rotatedKey)
    case (.attentionValues, "value"), (.attention, "value"), (.sinkAttention, "value"): return found(.value)
    case (.attentionValues, "weights"): return found(.attentionWeights)
    case (.softmax, "x"): return found(.attentionScores, .logits)
    case (.logSoftmax, "x"), (.crossEntropy, "logits"): return found(.logits)
    case (.residualAdd, "x"): return found(.attentionOutput, .down)
    case (.residualAdd, "residual"): return found(.embedding, .attentionResidual)
    case (.relu, "x"), (.gelu, "x"), (.geluTanh, "x"), (.silu, "x"): return found(.gate)
    case (.clampedGate, "gate"): return found(.gate)
    case (.clampedGate, "up"): return found(.up)
    case (.clamp, "x"): return found(.query, .key, .value)
    case (.quantize, "x"), (.quantizeScale, "x"): return found(.attentionNorm, .feedForwardNorm, .gatedUp)
    case (.gate, "gate"): return found(.activatedGate)
    case (.gate, "x"): return found(.up)
    default:
      if isParameter { return weights(.query, .key, .value, .attentionOutput) }
      return found(.embedding, .attentionResidual, .feedForwardResidual)
    }
  }

  /// A tensor of the pass.
  package enum Source: Sendable {
    /// A tensor that a layer computed.
    case activation(Activation<Float>)
    /// A tensor that the model holds.
    case weights(Tensor)

    /// The numbers, those of weights in Float32; what is not finite, as masked scores are, is 0.
    package var numbers: Activation<Float> {
      switch self {
      case .activation(let activation): activation.map { $0.isFinite ? $0 : 0 }
      case .weights(let tensor):
        Activation(shape: tensor.shape, elements: Engine.decoded(tensor).map { $0.isFinite ? $0 : 0 })
      }
    }
  }
}
