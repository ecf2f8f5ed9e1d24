/// The layer that a step of a backward plan computes, with what it reads beside activations and gradients.
package enum BackwardOperation: Sendable {
  /// The gradient of the logits of the mean of the losses of all tokens.
  case crossEntropy
  /// The gradient of an unembedding's input.
  case unembedding(LinearLayer, softCap: Float?)
  /// The gradient of the weight of an unembedding with a soft cap.
  case unembeddingWeight(LinearLayer, softCap: Float)
  /// The gradient of a product's input.
  case linear(LinearLayer)
  /// The gradient of a product's weight.
  case linearWeight
  /// The gradient of a bias.
  case bias
  /// The gradient of the input of a root-mean-square normalisation.
  case rmsNorm(RMSNormLayer)
  /// The gradient of the weight of a root-mean-square normalisation.
  case rmsNormWeight(RMSNormLayer)
  /// The gradient of the input of a normalisation by mean and variance.
  case layerNorm(LayerNormLayer)
  /// The gradient of the weight of a normalisation by mean and variance.
  case layerNormWeight(LayerNormLayer)
  /// The gradient of what a rotary embedding turned.
  case rotaryEmbedding(RotaryEmbeddingLayer)
  /// The gradient of an attention's query.
  case attentionQuery(Attention)
  /// The gradient of an attention's key.
  case attentionKey(Attention)
  /// The gradient of an attention's value.
  case attentionValue(Attention)
  /// The gradient of the logits of an attention's sinks.
  case attentionSinks(Attention)
  /// Some elements of each head of a gradient, which are those of a part that was joined to others.
  case headPart(Range<Int>)
  /// Some elements of the heads of a gradient, added up over heads: those of a part that all heads share.
  case headSum(Range<Int>)
  /// The gradient of an activation function's input.
  case activation(ActivationFunction)
  /// The gradient of one factor of a product, element by element, from the other.
  case gate
  /// The gradient of a clamped gate.
  case clampedGate(ClampedGateLayer)
  /// The gradient of what a clamped gate lets through.
  case clampedUp(ClampedGateLayer)
  /// The gradient of one part of a mixture of experts.
  case experts(ExpertGradient)
  /// The gradient of what a number multiplies.
  case scale(ScaleLayer)
  /// The sum of two gradients.
  case sum
  /// The gradient of a table of rows that were chosen by token, or by position, on top of another gradient where there is one.
  case rows(byPosition: Bool)

  /// An attention, and where the forward pass has what it is made of.
  package struct Attention: Sendable, Hashable {
    /// The layer.
    package let layer: AttentionLayer
    /// The scores.
    package let scores: ActivationName
    /// The softmax of the scores.
    package let weights: ActivationName
  }

  /// The catalogue's name of the layer; `nil` where the catalogue has none.
  package var layer: LayerKind? {
    switch self {
    case .crossEntropy: .crossEntropyBackward
    case .unembedding: .unembeddingBackward
    case .unembeddingWeight: .unembeddingWeightBackward
    case .attentionSinks: .attentionSinksBackward
    case .headPart, .headSum: nil
    case .clampedGate: .clampedGateBackward
    case .clampedUp: .clampedGateUpBackward
    case .experts(let gradient): gradient.layer
    case .linear: .linearBackward
    case .linearWeight: .linearWeightBackward
    case .bias: .biasBackward
    case .rmsNorm: .rmsNormBackward
    case .rmsNormWeight: .rmsNormWeightBackward
    case .layerNorm: .layerNormBackward
    case .layerNormWeight: .layerNormWeightBackward
    case .rotaryEmbedding: .rotaryEmbeddingBackward
    case .attentionQuery: .attentionQueryBackward
    case .attentionKey: .attentionKeyBackward
    case .attentionValue: .attentionValueBackward
    case .activation(let function): function.backwardLayer
    case .gate: .gate
    case .scale: .scale
    case .sum: .residualAdd
    case .rows: .embeddingBackward
    }
  }

  /// The name of the operation in reports: the catalogue's where it has one.
  package var name: String {
    switch self {
    case .headPart: "head-part-backward"
    case .headSum: "head-sum-backward"
    case .experts(let gradient): gradient.name
    default: layer?.rawValue ?? ""
    }
  }
}

extension ActivationFunction {
  /// The catalogue's name of the function's gradient as a layer.
  package var backwardLayer: LayerKind {
    switch self {
    case .relu: .reluBackward
    case .gelu: .geluBackward
    case .geluTanh: .geluTanhBackward
    case .silu: .siluBackward
    }
  }
}
