/// The names of the tensors of low-rank attention, `{block}` standing for a block's index; each adds `.weight`.
struct LowRankNames: Sendable {
  /// The product to the latent row of queries, its norm, and the product from it.
  var queryDown, queryNorm, queryUp: String
  /// The product to the latent row of keys and values, whose last rows give what heads share; the row's norm, and the product from
  /// it, which holds the rows of keys and values head by head.
  var keyValueDown, keyValueNorm, keyValueUp: String
  /// The products from the row in two, each a matrix for each head, that to keys with outputs for columns; empty where no container
  /// has them.
  var keyUp = ""
  var valueUp = ""

  /// GGUF files' names.
  static let gguf = LowRankNames(
    queryDown: "blk.{block}.attn_q_a", queryNorm: "blk.{block}.attn_q_a_norm", queryUp: "blk.{block}.attn_q_b",
    keyValueDown: "blk.{block}.attn_kv_a_mqa", keyValueNorm: "blk.{block}.attn_kv_a_norm",
    keyValueUp: "blk.{block}.attn_kv_b", keyUp: "blk.{block}.attn_k_b", valueUp: "blk.{block}.attn_v_b")

  /// Names in folders of Hugging Face.
  static let huggingFace = LowRankNames(
    queryDown: "model.layers.{block}.self_attn.q_a_proj", queryNorm: "model.layers.{block}.self_attn.q_a_layernorm",
    queryUp: "model.layers.{block}.self_attn.q_b_proj",
    keyValueDown: "model.layers.{block}.self_attn.kv_a_proj_with_mqa",
    keyValueNorm: "model.layers.{block}.self_attn.kv_a_layernorm",
    keyValueUp: "model.layers.{block}.self_attn.kv_b_proj")
}
