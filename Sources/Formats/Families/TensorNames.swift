/// The names of the tensors in a container, `{block}` standing for a block's index; each adds `.weight`, and `.bias`.
struct TensorNames: Sendable {
  var embedding: String
  /// The rows of types, and of positions; `nil` for none.
  var types: String?
  var positions: String?
  /// The norms before the first block and behind the last; `nil` for none.
  var embeddingNorm: String?
  var finalNorm: String?
  var unembedding: String
  /// The norms before and after the mixers, where there are some.
  var attentionNorm: String?
  /// Whether the first block has no norm before attention.
  var lacksFirstNorm = false
  var attentionOutputNorm: String?
  var feedForwardNorm: String?
  var feedForwardOutputNorm: String?
  /// The norms of the stream after each branch, where there are some.
  var attentionSumNorm: String?
  var feedForwardSumNorm: String?
  var query: String
  var key: String
  var value: String
  /// The three in one, which counts where it is there.
  var fused: String?
  /// The order of the rows of the three in one.
  var order = Order.parts
  var output: String
  /// Norms of queries and keys, in those families that have them.
  var queryNorm: String
  var keyNorm: String
  /// The whole name of the sinks, in those families that have some.
  var sinks = ""
  /// `nil` where nothing is gated, or where the other product holds both.
  var gate: String?
  var up: String
  /// Whether the product called `up` holds the gate's rows before its own.
  var upHoldsGate = false
  var down: String
  /// The names of low-rank attention, in those families that have it.
  var lowRank = LowRankNames.huggingFace
  /// The names of experts, in those families that have some.
  var experts = ExpertNames.huggingFace
  /// Whether products of blocks are stored with inputs for rows.
  var isTransposed = false
  /// The ends of the names of tensors that every reader computes for itself.
  var ignored: [String] = []
  /// The beginnings of the names, without `prefix`, of tensors that compute something else from what the blocks give.
  var otherHeads: [String] = []
  /// The beginning that all names but that of the unembedding may lack.
  var prefix: String?

  /// The order of the rows of a product to queries, keys and values.
  enum Order: Sendable {
    /// All queries, all keys, all values.
    case parts
    /// For each head of keys and values its queries, its key and its value.
    case groups
  }

  /// GGUF files' names.
  static let gguf = TensorNames(
    embedding: "token_embd", finalNorm: "output_norm", unembedding: "output", attentionNorm: "blk.{block}.attn_norm",
    feedForwardNorm: "blk.{block}.ffn_norm", query: "blk.{block}.attn_q", key: "blk.{block}.attn_k",
    value: "blk.{block}.attn_v", fused: "blk.{block}.attn_qkv", output: "blk.{block}.attn_output",
    queryNorm: "blk.{block}.attn_q_norm", keyNorm: "blk.{block}.attn_k_norm", sinks: "blk.{block}.attn_sinks.weight",
    gate: "blk.{block}.ffn_gate",
    up: "blk.{block}.ffn_up", down: "blk.{block}.ffn_down", lowRank: .gguf, experts: .gguf)

  /// GGUF files' names of encoders that are normalised after their sums.
  static let encoderInGGUF = gguf.with {
    ($0.types, $0.positions, $0.embeddingNorm) = ("token_types", "position_embd", "token_embd_norm")
    ($0.finalNorm, $0.unembedding, $0.gate) = (nil, "", nil)
    ($0.attentionNorm, $0.feedForwardNorm) = (nil, nil)
    $0.attentionSumNorm = "blk.{block}.attn_output_norm"
    $0.feedForwardSumNorm = "blk.{block}.layer_output_norm"
    $0.otherHeads = otherHeadsInGGUF
  }
  /// The beginnings of names in GGUF files of what computes something else from an encoder's rows.
  static let otherHeadsInGGUF = ["cls.", "dense_"]

  /// Names in folders of Hugging Face.
  static let huggingFace = TensorNames(
    embedding: "model.embed_tokens", finalNorm: "model.norm", unembedding: "lm_head",
    attentionNorm: "model.layers.{block}.input_layernorm",
    feedForwardNorm: "model.layers.{block}.post_attention_layernorm",
    query: "model.layers.{block}.self_attn.q_proj", key: "model.layers.{block}.self_attn.k_proj",
    value: "model.layers.{block}.self_attn.v_proj", output: "model.layers.{block}.self_attn.o_proj",
    queryNorm: "model.layers.{block}.self_attn.q_norm", keyNorm: "model.layers.{block}.self_attn.k_norm",
    sinks: "model.layers.{block}.self_attn.sinks",
    gate: "model.layers.{block}.mlp.gate_proj", up: "model.layers.{block}.mlp.up_proj",
    down: "model.layers.{block}.mlp.down_proj", ignored: [".rotary_emb.inv_freq"])

  /// The weight of the first block's norm before attention.
  var firstNorm: String? { attentionNorm.map { "\($0.replacing("{block}", with: "0")).weight" } }

  /// These names with some of them changed.
  func with(_ change: (inout TensorNames) -> Void) -> TensorNames {
    var names = self
    change(&names)
    return names
  }

  /// These names without the beginning `prefix`.
  func without(_ prefix: String) -> TensorNames {
    func short(_ name: String) -> String { name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name }
    return with {
      $0.embedding = short(embedding)
      ($0.types, $0.positions) = (types.map(short), positions.map(short))
      ($0.embeddingNorm, $0.finalNorm) = (embeddingNorm.map(short), finalNorm.map(short))
      ($0.attentionSumNorm, $0.feedForwardSumNorm) = (attentionSumNorm.map(short), feedForwardSumNorm.map(short))
      $0 = $0.norms(
        attentionNorm.map(short), attentionOutputNorm.map(short), feedForwardNorm.map(short),
        feedForwardOutputNorm.map(short))
      ($0.query, $0.key, $0.value, $0.fused) = (short(query), short(key), short(value), fused.map(short))
      ($0.queryNorm, $0.keyNorm) = (short(queryNorm), short(keyNorm))
      ($0.output, $0.gate, $0.up, $0.down) = (short(output), gate.map(short), short(up), short(down))
    }
  }

  /// The norms of the branches at other places: before the mixers, and behind them.
  func norms(
    _ attention: String?, _ attentionOutput: String?, _ feedForward: String?, _ feedForwardOutput: String?
  ) -> TensorNames {
    with {
      ($0.attentionNorm, $0.attentionOutputNorm) = (attention, attentionOutput)
      ($0.feedForwardNorm, $0.feedForwardOutputNorm) = (feedForward, feedForwardOutput)
    }
  }

  /// Whether the tensor called `name` has no part in what is computed here.
  func ignores(_ name: String) -> Bool {
    let short = prefix.flatMap { name.hasPrefix($0) ? String(name.dropFirst($0.count)) : nil } ?? name
    return ignored.contains { name.hasSuffix($0) } || otherHeads.contains { short.hasPrefix($0) }
  }

  /// The least number of tensors of a block.
  func tensorsOfBlock(withoutNorms: Bool) -> Int {
    let norms = [
      attentionNorm, attentionOutputNorm, feedForwardNorm, feedForwardOutputNorm, attentionSumNorm, feedForwardSumNorm,
    ].compactMap(\.self).count
    // Queries, keys and values are one tensor at least; then come the product back, up and down.
    return 3 + (fused == nil ? 3 : 1) + (gate == nil ? 0 : 1) + (withoutNorms ? 0 : norms)
  }
}
