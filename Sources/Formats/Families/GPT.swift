extension Family {
  /// GPT-2: learned positions, layer norms, nothing gated, products stored with inputs for rows.
  ///
  /// Source: the documentation of `GPT2Config` in huggingface/transformers.
  static let gpt2: Family = {
    let bias = Bias.always
    var family = Family(
      name: "gpt2", architecture: "gpt2",
      tensors: TensorNames(
        embedding: "transformer.wte", positions: "transformer.wpe", finalNorm: "transformer.ln_f",
        unembedding: "lm_head", attentionNorm: "transformer.h.{block}.ln_1",
        feedForwardNorm: "transformer.h.{block}.ln_2", query: "", key: "", value: "",
        fused: "transformer.h.{block}.attn.c_attn", output: "transformer.h.{block}.attn.c_proj", queryNorm: "",
        keyNorm: "", up: "transformer.h.{block}.mlp.c_fc", down: "transformer.h.{block}.mlp.c_proj", isTransposed: true,
        ignored: [".attn.bias", ".attn.masked_bias"], prefix: "transformer."),
      tensorsInGGUF: .gguf.with { ($0.positions, $0.gate) = ("position_embd", nil) },
      aliases: [
        "hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head",
        "max_position_embeddings": "n_positions", "intermediate_size": "n_inner",
      ], contextLength: 1024, feedForwardShare: 4, isTied: true, inputBias: bias, outputBias: bias,
      feedForwardBias: bias, norm: .layer(hasBias: true), epsilon: ("layer_norm_epsilon", 1e-5),
      activation: ("activation_function", .geluTanh))
    family.changesNothing = [
      "scale_attn_weights": [.bool(true)], "scale_attn_by_inverse_layer_idx": [.bool(false)],
      "add_cross_attention": [.bool(false)],
    ]
    return family
  }()

  /// GPT-NeoX and Pythia: layer norms, nothing gated, both branches beside one another, a quarter of a head turned.
  ///
  /// Source: the documentation of `GPTNeoXConfig` in huggingface/transformers, and its class for the rows of the product.
  static let gptNeoX = Family(
    name: "gpt_neox", architecture: "gptneox",
    tensors: TensorNames(
      embedding: "gpt_neox.embed_in", finalNorm: "gpt_neox.final_layer_norm", unembedding: "embed_out",
      attentionNorm: "gpt_neox.layers.{block}.input_layernorm",
      feedForwardNorm: "gpt_neox.layers.{block}.post_attention_layernorm", query: "", key: "", value: "",
      fused: "gpt_neox.layers.{block}.attention.query_key_value", order: .groups,
      output: "gpt_neox.layers.{block}.attention.dense", queryNorm: "", keyNorm: "",
      up: "gpt_neox.layers.{block}.mlp.dense_h_to_4h", down: "gpt_neox.layers.{block}.mlp.dense_4h_to_h",
      ignored: [".attention.bias", ".attention.masked_bias", ".rotary_emb.inv_freq"]),
    tensorsInGGUF: .gguf.with { $0.gate = nil },
    aliases: ["rope_theta": "rotary_emb_base", "partial_rotary_factor": "rotary_pct"],
    inputBias: .stated("attention_bias", otherwise: true), outputBias: .stated("attention_bias", otherwise: true),
    feedForwardBias: .always, norm: .layer(hasBias: true), epsilon: ("layer_norm_eps", 1e-5),
    activation: ("hidden_act", .gelu), isParallel: .stated("use_parallel_residual", otherwise: true), turnedShare: 0.25)
}
