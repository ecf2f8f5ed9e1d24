/// The catalogue: one case for every layer that a transformer here is made of.
///
/// The raw value is the layer's name on the command line and in reports.
package enum LayerKind: Sendable, Hashable, CaseIterable {
  case embedding
  case learnedPosition
  case rmsNorm
  case layerNorm
  case linear
  case rotaryEmbedding
  case attentionScores
  case softmax
  case logSoftmax
  case attentionValues
  case attention
  case sinkAttention
  case residualAdd
  case scale
  case relu
  case gelu
  case geluTanh
  case silu
  case gate
  case clampedGate
  case clamp
  case feedForward
  case gatedFeedForward
  case unembedding
  case crossEntropy
  case sampling
  case router
  case experts
  case quantize
  case quantizeScale
  case block
  case cosineSimilarity
  case rmsNormBackward
  case rmsNormWeightBackward
  case layerNormBackward
  case layerNormWeightBackward
  case biasBackward
  case linearBackward
  case linearWeightBackward
  case unembeddingBackward
  case unembeddingWeightBackward
  case softmaxBackward
  case logSoftmaxBackward
  case crossEntropyBackward
  case reluBackward
  case geluBackward
  case geluTanhBackward
  case siluBackward
  case rotaryEmbeddingBackward
  case embeddingBackward
  case attentionQueryBackward
  case attentionKeyBackward
  case attentionValueBackward
  case attentionSinksBackward
  case gatedFeedForwardBackward
  case clampedGateBackward
  case clampedGateUpBackward
  case routerBackward
  case expertsBackward
  case expertsWeightsBackward
  /// A formula of one's own, which is in no catalogue.
  case custom(CustomFormula)

  /// The layers of the catalogue by their names, in its order.
  private static let catalogue: KeyValuePairs<LayerKind, String> = [
    .embedding: "embedding",
    .learnedPosition: "learned-position",
    .rmsNorm: "rms-norm",
    .layerNorm: "layer-norm",
    .linear: "linear",
    .rotaryEmbedding: "rotary-embedding",
    .attentionScores: "attention-scores",
    .softmax: "softmax",
    .logSoftmax: "log-softmax",
    .attentionValues: "attention-values",
    .attention: "attention",
    .sinkAttention: "sink-attention",
    .residualAdd: "residual-add",
    .scale: "scale",
    .relu: "relu",
    .gelu: "gelu",
    .geluTanh: "gelu-tanh",
    .silu: "silu",
    .gate: "gate",
    .clampedGate: "clamped-gate",
    .clamp: "clamp",
    .feedForward: "feed-forward",
    .gatedFeedForward: "gated-feed-forward",
    .unembedding: "unembedding",
    .crossEntropy: "cross-entropy",
    .sampling: "sampling",
    .router: "router",
    .experts: "experts",
    .quantize: "quantize",
    .quantizeScale: "quantize-scale",
    .block: "block",
    .cosineSimilarity: "cosine-similarity",
    .rmsNormBackward: "rms-norm-backward",
    .rmsNormWeightBackward: "rms-norm-weight-backward",
    .layerNormBackward: "layer-norm-backward",
    .layerNormWeightBackward: "layer-norm-weight-backward",
    .biasBackward: "bias-backward",
    .linearBackward: "linear-backward",
    .linearWeightBackward: "linear-weight-backward",
    .unembeddingBackward: "unembedding-backward",
    .unembeddingWeightBackward: "unembedding-weight-backward",
    .softmaxBackward: "softmax-backward",
    .logSoftmaxBackward: "log-softmax-backward",
    .crossEntropyBackward: "cross-entropy-backward",
    .reluBackward: "relu-backward",
    .geluBackward: "gelu-backward",
    .geluTanhBackward: "gelu-tanh-backward",
    .siluBackward: "silu-backward",
    .rotaryEmbeddingBackward: "rotary-embedding-backward",
    .embeddingBackward: "embedding-backward",
    .attentionQueryBackward: "attention-query-backward",
    .attentionKeyBackward: "attention-key-backward",
    .attentionValueBackward: "attention-value-backward",
    .attentionSinksBackward: "attention-sinks-backward",
    .gatedFeedForwardBackward: "gated-feed-forward-backward",
    .clampedGateBackward: "clamped-gate-backward",
    .clampedGateUpBackward: "clamped-gate-up-backward",
    .routerBackward: "router-backward",
    .expertsBackward: "experts-backward",
    .expertsWeightsBackward: "experts-weights-backward",
  ]
  private static let names = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.key, $0.value) })
  private static let named = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.value, $0.key) })

  /// The layers of the catalogue, in its order.
  package static let allCases = catalogue.map(\.key)

  /// The layer's name, or the text of the formula.
  package var rawValue: String {
    if case .custom(let formula) = self { formula.text } else { Self.names[self] ?? "" }
  }

  /// The layer of that name, or the formula of that text; `nil` where it is neither.
  package init?(rawValue: String) {
    if let layer = Self.named[rawValue] {
      self = layer
    } else if rawValue.contains(":"), let formula = try? CustomFormula(parsing: rawValue) {
      self = .custom(formula)
    } else {
      return nil
    }
  }

  /// The layer of whose inputs this one gives the gradients; `nil` for a layer forwards, and for the sum that a bias's gradient is.
  package var forwards: LayerKind? {
    if case .custom = self { return nil }
    guard rawValue.hasSuffix("-backward") else { return nil }
    if self == .attentionSinksBackward { return .sinkAttention }
    let name = rawValue.dropLast("-backward".count)
    let inputs = ["-weight", "-query", "-key", "-value", "-up", "-weights"]
    return LayerKind(rawValue: String(name))
      ?? inputs.first { name.hasSuffix($0) }.flatMap { LayerKind(rawValue: String(name.dropLast($0.count))) }
  }

  /// The names of all, for people.
  package static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
