extension Family {
  /// BLOOM: a norm behind the embedding, a linear bias in place of positions, nothing gated.
  ///
  /// Source: the documentation of `BloomConfig` in huggingface/transformers, and its class for the activation function, the bias and the
  /// rows of the product.
  static let bloom: Family = {
    let block = "transformer.h.{block}."
    var family = Family(
      name: "bloom", architecture: "bloom",
      tensors: TensorNames(
        embedding: "transformer.word_embeddings", embeddingNorm: "transformer.word_embeddings_layernorm",
        finalNorm: "transformer.ln_f", unembedding: "lm_head", attentionNorm: block + "input_layernorm",
        feedForwardNorm: block + "post_attention_layernorm", query: "", key: "", value: "",
        fused: block + "self_attention.query_key_value", order: .groups, output: block + "self_attention.dense",
        queryNorm: "", keyNorm: "", up: block + "mlp.dense_h_to_4h", down: block + "mlp.dense_4h_to_h",
        prefix: "transformer."),
      tensorsInGGUF: .gguf.with { ($0.embeddingNorm, $0.gate) = ("token_embd_norm", nil) },
      aliases: [
        "num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "max_position_embeddings": "seq_length",
        "intermediate_size": "n_inner",
      ], feedForwardShare: 4, isTied: true, inputBias: .always, outputBias: .always, feedForwardBias: .always,
      norm: .layer(hasBias: true), epsilon: ("layer_norm_epsilon", 1e-5),
      activation: ("activation_function", .geluTanh),
      linearBias: .always(isStatedInGGUF: false))
    family.changesNothing = ["apply_residual_connection_post_layernorm": [.bool(false)], "n_inner": [.null]]
    return family
  }()

  /// MPT: a linear bias in place of positions, norms without biases, nothing gated.
  ///
  /// Source: the documentation of `MptConfig` in huggingface/transformers, and its class, which has the least slope 2^−8 and a
  /// feed-forward layer of four hidden sizes whatever a configuration says.
  static let mpt: Family = {
    let block = "transformer.blocks.{block}."
    var family = Family(
      name: "mpt", architecture: "mpt",
      tensors: TensorNames(
        embedding: "transformer.wte", finalNorm: "transformer.norm_f", unembedding: "lm_head",
        attentionNorm: block + "norm_1", feedForwardNorm: block + "norm_2", query: "", key: "", value: "",
        fused: block + "attn.Wqkv", output: block + "attn.out_proj", queryNorm: "", keyNorm: "",
        up: block + "ffn.up_proj", down: block + "ffn.down_proj"),
      tensorsInGGUF: .gguf.with { $0.gate = nil },
      aliases: [
        "hidden_size": "d_model", "num_hidden_layers": "n_layers", "num_attention_heads": "n_heads",
        "max_position_embeddings": "max_seq_len", "intermediate_size": "ffn_hidden_size",
      ], feedForwardShare: 4, isTied: true, inputBias: .never, outputBias: .never, feedForwardBias: .never,
      norm: .layer(hasBias: false), epsilon: ("layer_norm_epsilon", 1e-5), activation: ("activation", .gelu),
      linearBias: .always(isStatedInGGUF: true), clampKey: "attn_config.clip_qkv", isClampedInGGUF: true,
      nestedKeys: "attn_config")
    family.changesNothing = [
      "attn_config.alibi": [.bool(true)], "attn_config.alibi_bias_max": [.number(8)],
      "attn_config.softmax_scale": [.null], "attn_config.qk_ln": [.bool(false)],
      "attn_config.prefix_lm": [.bool(false)],
      "attn_config.attn_uses_sequence_id": [.bool(false)], "attn_config.attn_type": [.string("multihead_attention")],
      "expansion_ratio": [.number(4)], "logit_scale": [.null], "ffn_hidden_size": [.null], "activation": [.null],
    ]
    return family
  }()
}
