/// A Llama-shaped transformer as data: its layers with their weights, in the order in which a pass meets them.
///
/// Immutable; any number of passes may share one. Whoever makes one has checked that the shapes agree (see
/// `Transformer.shapeErrors`).
public struct Transformer: Sendable {
  /// The name by which people know the model.
  public let name: String
  /// The greatest number of tokens that the model was made for.
  public let contextLength: Int
  /// The token embedding.
  public let embedding: EmbeddingLayer
  /// How positions turn queries and keys; the same in every block.
  public let rotary: RotaryEmbeddingLayer
  /// How queries, keys and values meet; the same in every block.
  public let attention: AttentionLayer
  /// The blocks, first to last.
  public let blocks: [BlockLayer]
  /// After the last block.
  public let finalNorm: RMSNormLayer
  /// `[vocabulary, hidden]`: the same tensor as the embedding's where the two are tied.
  public let unembedding: LinearLayer

  /// Makes a transformer from its layers.
  public init(
    name: String, contextLength: Int, embedding: EmbeddingLayer, rotary: RotaryEmbeddingLayer,
    attention: AttentionLayer, blocks: [BlockLayer], finalNorm: RMSNormLayer, unembedding: LinearLayer
  ) {
    self.name = name
    self.contextLength = contextLength
    self.embedding = embedding
    self.rotary = rotary
    self.attention = attention
    self.blocks = blocks
    self.finalNorm = finalNorm
    self.unembedding = unembedding
  }

  /// The number of elements that stand for a token between blocks.
  public var hiddenSize: Int { embedding.weight.columns }
  /// The number of tokens in the vocabulary.
  public var vocabularySize: Int { embedding.weight.rows }

  /// Every tensor of weights, each once, in the order in which a pass meets them.
  public var tensors: [Tensor] {
    var all = [embedding.weight]
    for block in blocks {
      all.append(block.attentionNorm.weight)
      for linear in [block.query, block.key, block.value, block.output] { all += linear.tensors }
      all.append(block.feedForwardNorm.weight)
      for linear in [block.feedForward.gate, block.feedForward.up, block.feedForward.down] { all += linear.tensors }
    }
    all.append(finalNorm.weight)
    all += unembedding.tensors
    var seen = Set<String>()
    return all.filter { seen.insert($0.name).inserted }
  }
}

extension LinearLayer {
  /// The tensors of the layer: the weight, and the bias where there is one.
  var tensors: [Tensor] { [weight] + (bias.map { [$0] } ?? []) }
}
