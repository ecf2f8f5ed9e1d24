extension Family {
  /// GLM 4 of 2025 (0414): norms before and behind the mixers, neighbours in pairs, half a head turned.
  ///
  /// Source: the documentation of `Glm4Config` in huggingface/transformers, and its class for the biases.
  static let glm4 = Family(
    name: "glm4", architecture: "glm4", pairing: .adjacent, pairingInGGUF: .adjacent,
    tensors: .huggingFace.norms(
      "model.layers.{block}.input_layernorm", "model.layers.{block}.post_self_attn_layernorm",
      "model.layers.{block}.post_attention_layernorm", "model.layers.{block}.post_mlp_layernorm"
    ).with { ($0.gate, $0.up, $0.upHoldsGate) = (nil, "model.layers.{block}.mlp.gate_up_proj", true) },
    tensorsInGGUF: .gguf.norms(
      "blk.{block}.attn_norm", "blk.{block}.post_attention_norm", "blk.{block}.ffn_norm", "blk.{block}.post_ffw_norm"
    ).with { ($0.gate, $0.upHoldsGate) = (nil, true) }, contextLength: 131_072, keyValueHeads: 2, headSize: 128,
    inputBias: .stated("attention_bias", otherwise: true), outputBias: .never, feedForwardBias: .never,
    epsilon: ("rms_norm_eps", 1.5625e-7), turnedShare: 0.5)

  /// GLM 4.5 and 4.6: experts behind some blocks without, of which one or more are shared, chosen by sigmoids with a bias.
  ///
  /// Source: the documentation of `Glm4MoeConfig` in huggingface/transformers, and its class for the router and the biases.
  static let glm4MoE: Family = {
    var family = Family(
      name: "glm4_moe", contextLength: 131_072, keyValueHeads: 8, outputBias: .never, feedForwardBias: .never,
      epsilon: ("rms_norm_eps", 1e-5), normalises: .stated("use_qk_norm"), turnedShare: 0.5)
    family.tensors.experts = .withSharedExperts
    family.experts = Experts(
      count: ("n_routed_experts", 128), chosen: 8, size: ("moe_intermediate_size", 1408),
      sharedCount: ("n_shared_experts", 1), score: .sigmoid, isBiased: true, firstPlain: 1,
      isRenormalised: .stated("norm_topk_prob", otherwise: true))
    family.ignoresLaterBlocks = true
    // Groups of experts are not chosen among here.
    family.changesNothing = ["n_group": [.null, .number(1)], "topk_group": [.null, .number(1)]]
    return family
  }()
}
