/// The layer that a step of a plan computes, with its weights.
package enum Operation: Sendable {
  /// The rows of the tokens.
  case embedding(EmbeddingLayer)
  /// Its input plus the rows of the positions.
  case learnedPosition(LearnedPositionLayer)
  /// Root-mean-square normalisation.
  case rmsNorm(RMSNormLayer)
  /// Normalisation by mean and variance.
  case layerNorm(LayerNormLayer)
  /// A matrix product of each token's elements.
  case linear(LinearLayer)
  /// A turn of each head by its position.
  case rotaryEmbedding(RotaryEmbeddingLayer)
  /// The scores of queries and keys.
  case attentionScores(AttentionLayer)
  /// The softmax of each row, over the positions that the mask allows; over all for `nil`.
  case softmax(AttentionLayer?)
  /// The values, weighted.
  case attentionValues(AttentionLayer)
  /// The sum of its inputs.
  case residualAdd
  /// A product with one number.
  case scale(ScaleLayer)
  /// A function of each element.
  case activation(ActivationFunction)
  /// The product of its inputs, element by element.
  case gate
  /// The product of its inputs, a gate and what it lets through, both clamped.
  case clampedGate(ClampedGateLayer)
  /// Each element, kept within a limit.
  case clamp(ClampLayer)
  /// The weights of the experts that are chosen for a token, from the router's logits.
  case router(RouterLayer)
  /// A matrix product for each expert of a token, from the elements and the router's weights.
  case expertLinear(ExpertLinearLayer)
  /// The sum of what a token's experts give, by the router's weights, from these and that.
  case expertSum
  /// A matrix product of the last token's elements, soft-capped where a cap is given.
  case unembedding(LinearLayer, softCap: Float?)

  /// The catalogue's name of the layer.
  package var layer: LayerKind {
    switch self {
    case .embedding: .embedding
    case .learnedPosition: .learnedPosition
    case .rmsNorm: .rmsNorm
    case .layerNorm: .layerNorm
    case .linear: .linear
    case .rotaryEmbedding: .rotaryEmbedding
    case .attentionScores: .attentionScores
    case .softmax: .softmax
    case .attentionValues: .attentionValues
    case .residualAdd: .residualAdd
    case .scale: .scale
    case .activation(let function): function.layer
    case .gate: .gate
    case .clampedGate: .clampedGate
    case .clamp: .clamp
    case .router: .softmax
    case .expertLinear: .linear
    case .expertSum: .attentionValues
    case .unembedding: .unembedding
    }
  }

  /// The name of the operation in reports: the catalogue's, but for those of a mixture of experts, which the catalogue has as
  /// parts of other layers.
  package var name: String {
    switch self {
    case .router: "router"
    case .expertLinear: "expert-linear"
    case .expertSum: "expert-sum"
    default: layer.rawValue
    }
  }

  /// The tensors of weights, in the order in which a kernel reads them.
  package var tensors: [Tensor] {
    switch self {
    case .embedding(let layer): [layer.weight]
    case .learnedPosition(let layer): [layer.weight]
    case .rmsNorm(let layer): Norm.rms(layer).tensors
    case .layerNorm(let layer): Norm.layer(layer).tensors
    case .linear(let layer), .unembedding(let layer, _): layer.tensors
    case .expertLinear(let layer): layer.products.flatMap(\.tensors)
    // The product of a router's logits has a step of its own.
    case .router(let layer): layer.choiceBias.map { [$0] } ?? []
    case .softmax(let layer): layer?.sinks.map { [$0.tensor] } ?? []
    case .rotaryEmbedding, .attentionScores, .attentionValues, .residualAdd, .scale, .activation, .gate, .clampedGate,
      .clamp, .expertSum:
      []
    }
  }

  /// The matrix product that it is; `nil` for any other layer.
  package var product: LinearLayer? {
    switch self {
    case .linear(let layer), .unembedding(let layer, _): layer
    default: nil
    }
  }

  /// Whether the operation normalises rows.
  package var isNorm: Bool {
    switch self {
    case .rmsNorm, .layerNorm: true
    default: false
    }
  }

  /// The layer whose mask says which positions a token sees; `nil` where the operation has no mask.
  package var mask: AttentionLayer? {
    switch self {
    case .attentionScores(let layer), .attentionValues(let layer): layer
    case .softmax(let layer): layer
    default: nil
    }
  }

  /// `input` as the operation takes it: a product, and a norm of whole tokens, the elements of a token as one row, the
  /// unembedding of the last token only.
  package func arranged<Element>(_ input: Activation<Element>) -> Activation<Element> {
    switch self {
    case .linear: return input.joined
    case .rmsNorm(let layer): return input.columns == layer.weight.columns ? input : input.joined
    case .layerNorm(let layer): return input.columns == layer.weight.columns ? input : input.joined
    case .unembedding:
      guard input.rows != 1 else { return input }
      return Activation(
        shape: [min(input.rows, 1), input.columns], elements: Array(input.elements.suffix(input.columns)))
    default: return input
    }
  }
}

extension Activation {
  /// The elements of each token as one row.
  package var joined: Activation {
    shape.count == 2 ? self : reshaped([shape.first ?? 1, shape.dropFirst().reduce(1, *)])
  }
}

extension ActivationFunction {
  /// The catalogue's name of the function as a layer.
  package var layer: LayerKind {
    switch self {
    case .relu: .relu
    case .gelu: .gelu
    case .geluTanh: .geluTanh
    case .silu: .silu
    }
  }
}

extension LinearLayer {
  /// The tensors of the layer: the weight, and the bias where there is one.
  var tensors: [Tensor] { [weight] + (bias.map { [$0] } ?? []) }
}
