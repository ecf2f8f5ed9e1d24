import PlumbModel

/// A decoder whose blocks are put together as Llama's: numbers that a container states, and the transformer that they and
/// its tensors make.
///
/// Source: Touvron et al. 2023, *LLaMA*, section 2.2; Ainslie et al. 2023, *GQA*, for the shared heads of keys and values.
struct GatedDecoder {
  let family: Family
  let name: String
  let contextLength: Int
  let blocks: Int
  /// The layer in which queries and keys meet, but for windows.
  let attention: AttentionLayer
  /// The window of each block; `nil` for none.
  var windows: [Int?] = []
  let rotary: RotaryEmbeddingLayer
  let epsilon: Float

  /// The names of the tensors in a container, `{block}` standing for a block's index; products add `.weight` and `.bias`.
  struct TensorNames {
    let embedding, finalNorm, unembedding: String
    let attentionNorm, query, key, value, output: String
    let feedForwardNorm, gate, up, down: String
    /// Norms of the heads of queries and keys, in those models that have them.
    let queryNorm, keyNorm: String

    /// The `name` of block `index`.
    static func inBlock(_ index: Int, _ name: String) -> String { name.replacing("{block}", with: "\(index)") }
  }

  /// GGUF files' names.
  static let gguf = TensorNames(
    embedding: "token_embd.weight", finalNorm: "output_norm.weight", unembedding: "output.weight",
    attentionNorm: "blk.{block}.attn_norm.weight", query: "blk.{block}.attn_q", key: "blk.{block}.attn_k",
    value: "blk.{block}.attn_v", output: "blk.{block}.attn_output", feedForwardNorm: "blk.{block}.ffn_norm.weight",
    gate: "blk.{block}.ffn_gate", up: "blk.{block}.ffn_up", down: "blk.{block}.ffn_down",
    queryNorm: "blk.{block}.attn_q_norm.weight", keyNorm: "blk.{block}.attn_k_norm.weight")

  /// Names in folders of Hugging Face.
  static let huggingFace = TensorNames(
    embedding: "model.embed_tokens.weight", finalNorm: "model.norm.weight", unembedding: "lm_head.weight",
    attentionNorm: "model.layers.{block}.input_layernorm.weight", query: "model.layers.{block}.self_attn.q_proj",
    key: "model.layers.{block}.self_attn.k_proj", value: "model.layers.{block}.self_attn.v_proj",
    output: "model.layers.{block}.self_attn.o_proj",
    feedForwardNorm: "model.layers.{block}.post_attention_layernorm.weight", gate: "model.layers.{block}.mlp.gate_proj",
    up: "model.layers.{block}.mlp.up_proj", down: "model.layers.{block}.mlp.down_proj",
    queryNorm: "model.layers.{block}.self_attn.q_norm.weight", keyNorm: "model.layers.{block}.self_attn.k_norm.weight")

  /// The tensors of a block, of which no container has fewer.
  static let leastTensorsOfBlock = 9

  /// The transformer that the tensors of `source` make, which are called by `names`; `unembedding` makes its weight of the
  /// container's own, where there is one, and of the embedding.
  ///
  /// - Throws: `ModelError` where a tensor is missing, or one is left; what `unembedding` throws.
  func transformer(
    _ source: inout TensorSource, _ names: TensorNames,
    unembedding: (_ own: Tensor?, _ embedding: Tensor) throws(ModelError) -> Tensor
  ) throws(ModelError) -> Transformer {
    let embedding = try source.take(names.embedding)
    var made: [Block] = []
    for index in 0..<blocks { made.append(try block(index, &source, names)) }
    let finalNorm = RMSNormLayer(weight: try source.take(names.finalNorm), epsilon: epsilon)
    let weight = try unembedding(source.takeIfPresent(names.unembedding), embedding)
    try source.refuseLeftovers()
    return Transformer(
      name: name, contextLength: contextLength, stem: Stem(tokens: EmbeddingLayer(weight: embedding)), blocks: made,
      head: Head(norm: .rms(finalNorm), unembedding: LinearLayer(weight: weight)))
  }

  private func block(
    _ index: Int, _ source: inout TensorSource, _ names: TensorNames
  ) throws(ModelError) -> Block {
    func norm(_ name: String) throws(ModelError) -> RMSNormLayer {
      RMSNormLayer(weight: try source.take(TensorNames.inBlock(index, name)), epsilon: epsilon)
    }
    func normOfHeads(_ name: String) throws(ModelError) -> Norm? { family.normalisesHeads ? .rms(try norm(name)) : nil }
    func product(_ name: String) throws(ModelError) -> LinearLayer {
      try source.linear(TensorNames.inBlock(index, name))
    }
    var attention = attention
    if windows.indices.contains(index) { attention.window = windows[index] }
    return Block(
      attentionNorm: try norm(names.attentionNorm),
      attention: AttentionMixer(
        query: try product(names.query), key: try product(names.key), value: try product(names.value),
        queryNorm: try normOfHeads(names.queryNorm), keyNorm: try normOfHeads(names.keyNorm), rotary: rotary,
        attention: attention, output: try product(names.output)),
      feedForwardNorm: try norm(names.feedForwardNorm),
      feedForward: GatedFeedForwardLayer(
        gate: try product(names.gate), up: try product(names.up), down: try product(names.down)))
  }
}
