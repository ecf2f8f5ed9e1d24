/// The catalogue: one case for every layer that a transformer here is made of.
///
/// The raw value is the layer's name on the command line and in reports.
public enum LayerKind: String, Sendable, CaseIterable {
  case embedding = "embedding"
  case rmsNorm = "rms-norm"
  case linear = "linear"
  case rotaryEmbedding = "rotary-embedding"
  case attentionScores = "attention-scores"
  case softmax = "softmax"
  case attentionValues = "attention-values"
  case residualAdd = "residual-add"
  case silu = "silu"
  case gate = "gate"
  case unembedding = "unembedding"
}
