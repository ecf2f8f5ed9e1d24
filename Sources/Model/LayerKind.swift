/// The catalogue: one case for every layer that a transformer here is made of.
///
/// The raw value is the layer's name on the command line and in reports.
public enum LayerKind: String, Sendable, CaseIterable {
  case embedding = "embedding"
  case learnedPosition = "learned-position"
  case rmsNorm = "rms-norm"
  case layerNorm = "layer-norm"
  case linear = "linear"
  case rotaryEmbedding = "rotary-embedding"
  case attentionScores = "attention-scores"
  case softmax = "softmax"
  case logSoftmax = "log-softmax"
  case attentionValues = "attention-values"
  case attention = "attention"
  case residualAdd = "residual-add"
  case scale = "scale"
  case relu = "relu"
  case gelu = "gelu"
  case geluTanh = "gelu-tanh"
  case silu = "silu"
  case gate = "gate"
  case feedForward = "feed-forward"
  case gatedFeedForward = "gated-feed-forward"
  case unembedding = "unembedding"
  case crossEntropy = "cross-entropy"
  case sampling = "sampling"
  case block = "block"
  case cosineSimilarity = "cosine-similarity"
  case rmsNormBackward = "rms-norm-backward"
  case rmsNormWeightBackward = "rms-norm-weight-backward"
  case layerNormBackward = "layer-norm-backward"
  case layerNormWeightBackward = "layer-norm-weight-backward"
  case biasBackward = "bias-backward"
  case linearBackward = "linear-backward"
  case linearWeightBackward = "linear-weight-backward"
  case unembeddingBackward = "unembedding-backward"
  case softmaxBackward = "softmax-backward"
  case logSoftmaxBackward = "log-softmax-backward"
  case crossEntropyBackward = "cross-entropy-backward"
  case reluBackward = "relu-backward"
  case geluBackward = "gelu-backward"
  case geluTanhBackward = "gelu-tanh-backward"
  case siluBackward = "silu-backward"
  case rotaryEmbeddingBackward = "rotary-embedding-backward"
  case embeddingBackward = "embedding-backward"
  case attentionQueryBackward = "attention-query-backward"
  case attentionKeyBackward = "attention-key-backward"
  case attentionValueBackward = "attention-value-backward"
  case gatedFeedForwardBackward = "gated-feed-forward-backward"

  /// The layer of whose inputs this one gives the gradients; `nil` for a layer forwards, and for the sum that a bias's gradient is.
  package var forwards: LayerKind? {
    guard rawValue.hasSuffix("-backward") else { return nil }
    let name = rawValue.dropLast("-backward".count)
    let inputs = ["-weight", "-query", "-key", "-value"]
    return LayerKind(rawValue: String(name))
      ?? inputs.first { name.hasSuffix($0) }.flatMap { LayerKind(rawValue: String(name.dropLast($0.count))) }
  }

  /// The names of all, for people.
  package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
