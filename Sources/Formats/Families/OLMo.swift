extension Family {
  /// OLMo, the first: norms without weights.
  ///
  /// Source: the documentation of `OlmoConfig` in huggingface/transformers, and its class for epsilon.
  static let olmo: Family = {
    var family = Family(
      name: "olmo", architecture: "olmo", pairingInGGUF: .adjacent, feedForwardBias: .never, norm: .plain,
      epsilon: ("layer_norm_eps", 1e-5), clampKey: "clip_qkv", isClampedInGGUF: true)
    family.changesNothing = ["layer_norm_eps": [.null]]
    return family
  }()

  /// OLMo 2: norms behind the mixers alone, and of all queries and all keys of a token.
  ///
  /// Source: the documentation of `Olmo2Config` in huggingface/transformers.
  static let olmo2 = Family(
    name: "olmo2", architecture: "olmo2",
    tensors: .huggingFace.norms(
      nil, "model.layers.{block}.post_attention_layernorm", nil, "model.layers.{block}.post_feedforward_layernorm"),
    tensorsInGGUF: .gguf.norms(nil, "blk.{block}.post_attention_norm", nil, "blk.{block}.post_ffw_norm"),
    feedForwardBias: .never, epsilon: ("rms_norm_eps", 1e-5), normalises: .all)

  /// OLMo 3: OLMo 2 with windows in all but each fourth block, to which any scaling of angles is left.
  ///
  /// Source: the documentation of `Olmo3Config` in huggingface/transformers.
  static let olmo3 = Family(
    name: "olmo3", architecture: "olmo2", tensors: olmo2.tensors, tensorsInGGUF: olmo2.tensorsInGGUF,
    feedForwardBias: .never, epsilon: olmo2.epsilon, normalises: .all,
    window: .alternating(otherwise: 4096, period: 4), theta: 500_000, thetaOfWindows: 500_000)

  /// OLMoE: norms before the mixers, and of all queries and all keys of a token; experts.
  ///
  /// Source: the documentation of `OlmoeConfig` in huggingface/transformers.
  static let olmoE: Family = {
    var family = Family(
      name: "olmoe", architecture: "olmoe", contextLength: 4096, feedForwardBias: .never,
      epsilon: ("rms_norm_eps", 1e-5), normalises: .all, clampKey: "clip_qkv")
    family.experts = Experts(
      count: ("num_experts", 64), chosen: 8, size: ("intermediate_size", 2048),
      isRenormalised: .stated("norm_topk_prob", otherwise: false), isRenormalisedInGGUF: false)
    return family
  }()
}
