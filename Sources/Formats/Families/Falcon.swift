extension Family {
  /// Falcon 40B and 180B: both branches beside one another, each with its norm, several heads of keys and values.
  ///
  /// Source: the documentation of `FalconConfig` in huggingface/transformers, and its class for the rows of the product.
  static let falconOfTwoNorms = falconWith(
    .always, norms: ("ln_attn", "ln_mlp"), inGGUF: ("attn_norm_2", "attn_norm"),
    variant: { $0["new_decoder_architecture"].truth == true && $0["num_ln_in_parallel_attn"].integer ?? 2 == 2 })

  /// Falcon 7B and Falcon 2: both branches beside one another, with one norm.
  static let falcon = falconWith(
    .always, norms: ("input_layernorm", nil), inGGUF: ("attn_norm", nil),
    variant: { $0["new_decoder_architecture"].truth == true || $0["parallel_attn"].truth ?? true })

  /// Falcon's first models: one branch behind the other; those of Falcon RW turn no heads but add to scores.
  static let falconInSequence = falconWith(
    .never, norms: ("input_layernorm", "post_attention_layernorm"), inGGUF: nil, variant: { _ in true })

  /// Falcon with these norms in folders and GGUF files, in folders of which `variant` is true.
  private static func falconWith(
    _ isParallel: Choice, norms: (String, String?), inGGUF: (String, String?)?,
    variant: @escaping @Sendable (JSONValue) -> Bool
  ) -> Family {
    let bias = Bias.stated("bias")
    let block = "transformer.h.{block}."
    var family = Family(
      name: "falcon", architecture: inGGUF == nil ? nil : "falcon",
      tensors: TensorNames(
        embedding: "transformer.word_embeddings", finalNorm: "transformer.ln_f", unembedding: "lm_head",
        attentionNorm: block + norms.0, feedForwardNorm: norms.1.map { block + $0 }, query: "", key: "", value: "",
        fused: block + "self_attention.query_key_value", order: .groups, output: block + "self_attention.dense",
        queryNorm: "", keyNorm: "", up: block + "mlp.dense_h_to_4h", down: block + "mlp.dense_4h_to_h",
        ignored: [".self_attention.rotary_emb.inv_freq"]),
      tensorsInGGUF: .gguf.with { names in
        names.gate = nil
        names.attentionNorm = inGGUF.map { "blk.{block}.\($0.0)" }
        names.feedForwardNorm = inGGUF?.1.map { "blk.{block}.\($0)" }
      },
      aliases: ["intermediate_size": "ffn_hidden_size", "num_key_value_heads": "num_kv_heads"],
      feedForwardShare: 4, isTied: true, inputBias: bias, outputBias: bias, feedForwardBias: bias,
      norm: .layer(hasBias: true), epsilon: ("layer_norm_epsilon", 1e-5), activation: ("activation", .gelu),
      isParallel: isParallel)
    family.isMeant = variant
    family.impliedKeyValueHeads = { json, heads in
      if json["new_decoder_architecture"].truth == true { return nil }
      return json["multi_query"].truth ?? true ? 1 : heads
    }
    family.linearBias = .stated("alibi", isScaled: true)
    family.changesNothing = ["num_ln_in_parallel_attn": [.number(1), .number(2)]]
    return family
  }
}
