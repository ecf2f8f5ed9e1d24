import PlumbModel

// The layers of the catalogue by their names in Swift; a test holds the list to the catalogue.
extension Layer {
  /// The layer `embedding`.
  public static let embedding = Layer(LayerKind.embedding)
  /// The layer `learned-position`.
  public static let learnedPosition = Layer(LayerKind.learnedPosition)
  /// The layer `rms-norm`.
  public static let rmsNorm = Layer(LayerKind.rmsNorm)
  /// The layer `layer-norm`.
  public static let layerNorm = Layer(LayerKind.layerNorm)
  /// The layer `linear`.
  public static let linear = Layer(LayerKind.linear)
  /// The layer `rotary-embedding`.
  public static let rotaryEmbedding = Layer(LayerKind.rotaryEmbedding)
  /// The layer `attention-scores`.
  public static let attentionScores = Layer(LayerKind.attentionScores)
  /// The layer `softmax`.
  public static let softmax = Layer(LayerKind.softmax)
  /// The layer `log-softmax`.
  public static let logSoftmax = Layer(LayerKind.logSoftmax)
  /// The layer `attention-values`.
  public static let attentionValues = Layer(LayerKind.attentionValues)
  /// The layer `attention`.
  public static let attention = Layer(LayerKind.attention)
  /// The layer `sink-attention`.
  public static let sinkAttention = Layer(LayerKind.sinkAttention)
  /// The layer `residual-add`.
  public static let residualAdd = Layer(LayerKind.residualAdd)
  /// The layer `scale`.
  public static let scale = Layer(LayerKind.scale)
  /// The layer `relu`.
  public static let relu = Layer(LayerKind.relu)
  /// The layer `gelu`.
  public static let gelu = Layer(LayerKind.gelu)
  /// The layer `gelu-tanh`.
  public static let geluTanh = Layer(LayerKind.geluTanh)
  /// The layer `silu`.
  public static let silu = Layer(LayerKind.silu)
  /// The layer `gate`.
  public static let gate = Layer(LayerKind.gate)
  /// The layer `clamped-gate`.
  public static let clampedGate = Layer(LayerKind.clampedGate)
  /// The layer `clamp`.
  public static let clamp = Layer(LayerKind.clamp)
  /// The layer `feed-forward`.
  public static let feedForward = Layer(LayerKind.feedForward)
  /// The layer `gated-feed-forward`.
  public static let gatedFeedForward = Layer(LayerKind.gatedFeedForward)
  /// The layer `unembedding`.
  public static let unembedding = Layer(LayerKind.unembedding)
  /// The layer `cross-entropy`.
  public static let crossEntropy = Layer(LayerKind.crossEntropy)
  /// The layer `sampling`.
  public static let sampling = Layer(LayerKind.sampling)
  /// The layer `router`.
  public static let router = Layer(LayerKind.router)
  /// The layer `experts`.
  public static let experts = Layer(LayerKind.experts)
  /// The layer `quantize`.
  public static let quantize = Layer(LayerKind.quantize)
  /// The layer `quantize-scale`.
  public static let quantizeScale = Layer(LayerKind.quantizeScale)
  /// The layer `block`.
  public static let block = Layer(LayerKind.block)
  /// The layer `cosine-similarity`.
  public static let cosineSimilarity = Layer(LayerKind.cosineSimilarity)
  /// The layer `rms-norm-backward`.
  public static let rmsNormBackward = Layer(LayerKind.rmsNormBackward)
  /// The layer `rms-norm-weight-backward`.
  public static let rmsNormWeightBackward = Layer(LayerKind.rmsNormWeightBackward)
  /// The layer `layer-norm-backward`.
  public static let layerNormBackward = Layer(LayerKind.layerNormBackward)
  /// The layer `layer-norm-weight-backward`.
  public static let layerNormWeightBackward = Layer(LayerKind.layerNormWeightBackward)
  /// The layer `bias-backward`.
  public static let biasBackward = Layer(LayerKind.biasBackward)
  /// The layer `linear-backward`.
  public static let linearBackward = Layer(LayerKind.linearBackward)
  /// The layer `linear-weight-backward`.
  public static let linearWeightBackward = Layer(LayerKind.linearWeightBackward)
  /// The layer `unembedding-backward`.
  public static let unembeddingBackward = Layer(LayerKind.unembeddingBackward)
  /// The layer `unembedding-weight-backward`.
  public static let unembeddingWeightBackward = Layer(LayerKind.unembeddingWeightBackward)
  /// The layer `softmax-backward`.
  public static let softmaxBackward = Layer(LayerKind.softmaxBackward)
  /// The layer `log-softmax-backward`.
  public static let logSoftmaxBackward = Layer(LayerKind.logSoftmaxBackward)
  /// The layer `cross-entropy-backward`.
  public static let crossEntropyBackward = Layer(LayerKind.crossEntropyBackward)
  /// The layer `relu-backward`.
  public static let reluBackward = Layer(LayerKind.reluBackward)
  /// The layer `gelu-backward`.
  public static let geluBackward = Layer(LayerKind.geluBackward)
  /// The layer `gelu-tanh-backward`.
  public static let geluTanhBackward = Layer(LayerKind.geluTanhBackward)
  /// The layer `silu-backward`.
  public static let siluBackward = Layer(LayerKind.siluBackward)
  /// The layer `rotary-embedding-backward`.
  public static let rotaryEmbeddingBackward = Layer(LayerKind.rotaryEmbeddingBackward)
  /// The layer `embedding-backward`.
  public static let embeddingBackward = Layer(LayerKind.embeddingBackward)
  /// The layer `attention-query-backward`.
  public static let attentionQueryBackward = Layer(LayerKind.attentionQueryBackward)
  /// The layer `attention-key-backward`.
  public static let attentionKeyBackward = Layer(LayerKind.attentionKeyBackward)
  /// The layer `attention-value-backward`.
  public static let attentionValueBackward = Layer(LayerKind.attentionValueBackward)
  /// The layer `attention-sinks-backward`.
  public static let attentionSinksBackward = Layer(LayerKind.attentionSinksBackward)
  /// The layer `gated-feed-forward-backward`.
  public static let gatedFeedForwardBackward = Layer(LayerKind.gatedFeedForwardBackward)
  /// The layer `clamped-gate-backward`.
  public static let clampedGateBackward = Layer(LayerKind.clampedGateBackward)
  /// The layer `clamped-gate-up-backward`.
  public static let clampedGateUpBackward = Layer(LayerKind.clampedGateUpBackward)
  /// The layer `router-backward`.
  public static let routerBackward = Layer(LayerKind.routerBackward)
  /// The layer `experts-backward`.
  public static let expertsBackward = Layer(LayerKind.expertsBackward)
  /// The layer `experts-weights-backward`.
  public static let expertsWeightsBackward = Layer(LayerKind.expertsWeightsBackward)
}
