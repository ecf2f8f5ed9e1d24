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

  /// The names of all, for people.
  package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
