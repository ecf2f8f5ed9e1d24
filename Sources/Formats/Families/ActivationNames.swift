import PlumbModel

extension NameTable {
  /// The names of the modules of `LlamaForCausalLM` and its like, whose outputs forward hooks see, and `….input` for what enters one.
  ///
  /// `hidden_states.0` is the embedding and `hidden_states.i` the output of block i − 1, but for the last, which
  /// transformers takes behind the final normalisation.
  static let hookNames = NameTable(
    label: "hf",
    rules: [
      NameTable.Rule(pattern: "embed_tokens", role: .embedding), NameTable.Rule(pattern: "norm", role: .finalNorm),
      NameTable.Rule(pattern: "last_hidden_state", role: .finalNorm),
      NameTable.Rule(pattern: "lm_head", role: .logits), NameTable.Rule(pattern: "logits", role: .logits),
      NameTable.Rule(pattern: "probabilities", role: .probabilities),
      NameTable.Rule(pattern: "layers.{block}", role: .feedForwardResidual, isBlockOutput: true),
      NameTable.Rule(pattern: "h.{block}", role: .feedForwardResidual, isBlockOutput: true),
      NameTable.Rule(pattern: "blocks.{block}", role: .feedForwardResidual, isBlockOutput: true),
      NameTable.Rule(pattern: "encoder.layer.{block}", role: .feedForwardResidual, isBlockOutput: true),
      NameTable.Rule(pattern: "layer.{block}", role: .feedForwardResidual, isBlockOutput: true),
      NameTable.Rule(pattern: "embeddings", role: .embeddingNorm),
      NameTable.Rule(pattern: "drop", role: .positionedEmbedding),
      NameTable.Rule(
        pattern: "layers.{block}.input_layernorm.input", role: .feedForwardResidual, blockOffset: -1,
        isBlockOutput: true),
      NameTable.Rule(pattern: "layers.{block}.input_layernorm", role: .attentionNorm),
      NameTable.Rule(pattern: "layers.{block}.self_attn.q_proj", role: .query),
      NameTable.Rule(pattern: "layers.{block}.self_attn.k_proj", role: .key),
      NameTable.Rule(pattern: "layers.{block}.self_attn.v_proj", role: .value),
      NameTable.Rule(pattern: "layers.{block}.self_attn.q_norm", role: .queryNorm),
      NameTable.Rule(pattern: "layers.{block}.self_attn.k_norm", role: .keyNorm),
      NameTable.Rule(pattern: "layers.{block}.self_attn.rotated_query", role: .rotatedQuery),
      NameTable.Rule(pattern: "layers.{block}.self_attn.rotated_key", role: .rotatedKey),
      NameTable.Rule(pattern: "layers.{block}.self_attn.value", role: .value),
      NameTable.Rule(pattern: "layers.{block}.self_attn.scores", role: .attentionScores),
      NameTable.Rule(pattern: "layers.{block}.self_attn.attn_weights", role: .attentionWeights),
      NameTable.Rule(pattern: "layers.{block}.self_attn.1", role: .attentionWeights),
      NameTable.Rule(pattern: "attentions.{block}", role: .attentionWeights),
      NameTable.Rule(pattern: "layers.{block}.self_attn.o_proj.input", role: .attentionValues),
      NameTable.Rule(pattern: "layers.{block}.self_attn.o_proj", role: .attentionOutput),
      NameTable.Rule(pattern: "layers.{block}.self_attn", role: .attentionOutput),
      NameTable.Rule(
        pattern: "layers.{block}.post_attention_layernorm.input", role: .attentionResidual, isOfPlainBlocks: true),
      NameTable.Rule(
        pattern: "layers.{block}.post_attention_layernorm", role: .feedForwardNorm, isOfPlainBlocks: true),
      NameTable.Rule(pattern: "layers.{block}.pre_feedforward_layernorm", role: .feedForwardNorm),
      NameTable.Rule(pattern: "layers.{block}.post_feedforward_layernorm", role: .feedForwardOutputNorm),
      NameTable.Rule(pattern: "layers.{block}.mlp.gate_proj", role: .gate),
      NameTable.Rule(pattern: "layers.{block}.mlp.up_proj", role: .up),
      NameTable.Rule(pattern: "layers.{block}.mlp.act_fn", role: .activatedGate),
      NameTable.Rule(pattern: "layers.{block}.mlp.down_proj.input", role: .gatedUp),
      NameTable.Rule(pattern: "layers.{block}.mlp.down_proj", role: .down),
    ]
      + ["mlp", "block_sparse_moe"].flatMap { module in
        [
          // Its output is the last of these that there is.
          NameTable.Rule(pattern: "layers.{block}.\(module)", role: .down, isWithoutExperts: true),
          NameTable.Rule(pattern: "layers.{block}.\(module)", role: .mixture),
          NameTable.Rule(pattern: "layers.{block}.\(module)", role: .experts),
          NameTable.Rule(pattern: "layers.{block}.\(module).experts", role: .experts),
          NameTable.Rule(pattern: "layers.{block}.\(module).gate", role: .routerLogits),
          NameTable.Rule(pattern: "layers.{block}.\(module).router", role: .routerLogits),
          NameTable.Rule(pattern: "layers.{block}.\(module).router_weights", role: .routerWeights),
          NameTable.Rule(pattern: "layers.{block}.\(module).shared_expert", role: .down),
          NameTable.Rule(pattern: "layers.{block}.\(module).shared_experts", role: .down),
          NameTable.Rule(pattern: "layers.{block}.\(module).shared_experts.act_fn", role: .activatedGate),
          NameTable.Rule(pattern: "layers.{block}.\(module).shared_expert.act_fn", role: .activatedGate),
        ]
      }
      + [".", "_"].map {
        NameTable.Rule(
          pattern: "hidden_states\($0){block}", role: .feedForwardResidual, blockOffset: -1,
          ofLastBlock: ActivationName(.finalNorm), isBlockOutput: true)
      },
    prefixes: ["model.", "transformer.", "gpt_neox.", "bert.", "distilbert.", "roberta."], suffixes: [".0", ".output"],
    namesModules: true)

  /// The names that llama.cpp's evaluation callback is given; where one is given twice, as `Qcur`, the last of them.
  static let callbackNames = NameTable(
    label: "llama.cpp",
    rules: [
      // Encoders name a sum of the stem as others do the rows of tokens, and the product behind attention as others do what it is of.
      NameTable.Rule(pattern: "inp_embd", role: .positionedEmbedding, isOfEncoders: true),
      NameTable.Rule(pattern: "inp_embd", role: .typedEmbedding, isOfEncoders: true),
      NameTable.Rule(pattern: "inp_norm-0", role: .embeddingNorm),
      NameTable.Rule(pattern: "kqv_out-{block}", role: .attentionOutput, isOfEncoders: true),
      NameTable.Rule(pattern: "ffn_inp-{block}", role: .attentionResidualNorm, isOfEncoders: true),
      NameTable.Rule(pattern: "final_norm_out", role: .finalNorm),
      NameTable.Rule(pattern: "embd", role: .embedding), NameTable.Rule(pattern: "inp_embd", role: .embedding),
      NameTable.Rule(pattern: "inp_scaled", role: .scaledEmbedding),
      NameTable.Rule(pattern: "result_norm", role: .finalNorm),
      NameTable.Rule(pattern: "result_output", role: .logits), NameTable.Rule(pattern: "logits", role: .logits),
      NameTable.Rule(pattern: "attn_norm-{block}", role: .attentionNorm),
      NameTable.Rule(pattern: "Qcur-{block}", role: .rotatedQuery),
      NameTable.Rule(pattern: "Kcur-{block}", role: .rotatedKey),
      NameTable.Rule(pattern: "Qcur-{block}", role: .clampedQuery),
      NameTable.Rule(pattern: "Kcur-{block}", role: .clampedKey),
      NameTable.Rule(pattern: "Qcur-{block}", role: .query),
      NameTable.Rule(pattern: "Kcur-{block}", role: .key),
      NameTable.Rule(pattern: "Qcur-{block} (before rope)", role: .query, isOfTurned: true),
      NameTable.Rule(pattern: "Kcur-{block} (before rope)", role: .key, isOfTurned: true),
      NameTable.Rule(pattern: "Qcur_normed-{block}", role: .queryNorm),
      NameTable.Rule(pattern: "Kcur_normed-{block}", role: .keyNorm),
      NameTable.Rule(pattern: "Qcur_clamped-{block}", role: .clampedQuery),
      NameTable.Rule(pattern: "Kcur_clamped-{block}", role: .clampedKey),
      NameTable.Rule(pattern: "Vcur_clamped-{block}", role: .clampedValue),
      NameTable.Rule(pattern: "Vcur-{block}", role: .clampedValue),
      NameTable.Rule(pattern: "Vcur-{block}", role: .value),
      NameTable.Rule(pattern: "kq_soft_max-{block}", role: .attentionWeights),
      NameTable.Rule(pattern: "kq_soft_max_ext-{block}", role: .attentionWeights),
      NameTable.Rule(pattern: "kqv_merged_cont-{block}", role: .attentionValues),
      NameTable.Rule(pattern: "kqv_out-{block}", role: .attentionValues),
      NameTable.Rule(pattern: "attn_out-{block}", role: .attentionOutput),
      NameTable.Rule(pattern: "attn_post_norm-{block}", role: .attentionOutputNorm),
      NameTable.Rule(pattern: "post_attn_norm-{block}", role: .attentionOutputNorm),
      NameTable.Rule(pattern: "sa_out-{block}", role: .attentionResidual),
      NameTable.Rule(pattern: "ffn_inp-{block}", role: .attentionResidual),
      NameTable.Rule(pattern: "ffn_norm-{block}", role: .feedForwardNorm),
      NameTable.Rule(pattern: "ffn_gate_b-{block}", role: .gate),
      NameTable.Rule(pattern: "ffn_up_b-{block}", role: .up),
      NameTable.Rule(pattern: "ffn_gate-{block}", role: .gate, isWithoutBias: true),
      NameTable.Rule(pattern: "ffn_up-{block}", role: .up, isWithoutBias: true),
      NameTable.Rule(pattern: "ffn_silu-{block}", role: .activatedGate),
      NameTable.Rule(pattern: "ffn_gelu-{block}", role: .activatedGate),
      NameTable.Rule(pattern: "ffn_gelu-{block}", role: .activatedUp),
      NameTable.Rule(pattern: "ffn_gate_par-{block}", role: .gatedUp),
      NameTable.Rule(pattern: "ffn_geglu-{block}", role: .gatedUp),
      NameTable.Rule(pattern: "ffn_swiglu-{block}", role: .gatedUp),
      NameTable.Rule(pattern: "ffn_moe_logits-{block}", role: .routerLogits),
      NameTable.Rule(pattern: "ffn_moe_out-{block}", role: .experts),
      NameTable.Rule(pattern: "ffn_shexp-{block}", role: .down),
      NameTable.Rule(pattern: "ffn_shexp_gated-{block}", role: .weightedShared),
      NameTable.Rule(pattern: "ffn_out-{block}", role: .down, isWithoutExperts: true),
      NameTable.Rule(pattern: "ffn_out-{block}", role: .mixture),
      NameTable.Rule(pattern: "ffn_out-{block}", role: .experts),
      NameTable.Rule(pattern: "ffn_post_norm-{block}", role: .feedForwardOutputNorm),
      NameTable.Rule(pattern: "post_mlp_norm-{block}", role: .feedForwardOutputNorm),
      NameTable.Rule(pattern: "l_out-{block}", role: .feedForwardResidual, isBlockOutput: true),
    ])
}
