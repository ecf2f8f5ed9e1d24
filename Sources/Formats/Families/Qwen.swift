extension Family {
  /// Qwen 2 and 2.5.
  ///
  /// Source: the documentation of `Qwen2Config` in huggingface/transformers.
  static let qwen2 = Family(
    name: "qwen2", architecture: "qwen2", contextLength: 32_768, keyValueHeads: 32, inputBias: .always,
    outputBias: .never, feedForwardBias: .never, window: .chosen(otherwise: 4096, from: 28))

  /// Qwen 3, without experts.
  ///
  /// Source: the documentation of `Qwen3Config` in huggingface/transformers.
  static let qwen3 = Family(
    name: "qwen3", architecture: "qwen3", contextLength: 32_768, keyValueHeads: 32, headSize: 128,
    feedForwardBias: .never, normalises: .each, window: .chosen(otherwise: 4096, from: 28))

  /// Qwen 1.5 and 2 with experts, of which one is shared, behind a gate of its own.
  ///
  /// Source: the documentation of `Qwen2MoeConfig` in huggingface/transformers, and its class for the blocks without experts.
  static let qwen2MoE: Family = {
    var family = Family(
      name: "qwen2_moe", architecture: "qwen2moe", contextLength: 32_768, keyValueHeads: 16,
      inputBias: .stated("qkv_bias", otherwise: true), outputBias: .never, feedForwardBias: .never)
    family.experts = Experts(
      count: ("num_experts", 60), chosen: 4, size: ("moe_intermediate_size", 1408),
      sharedSize: ("shared_expert_intermediate_size", 5632),
      isRenormalised: .stated("norm_topk_prob", otherwise: false), isRenormalisedInGGUF: false, isListed: true)
    family.changesNothing = ["use_sliding_window": [.null, .bool(false)]]
    return family
  }()

  /// Qwen 3 with experts.
  ///
  /// Source: the documentation of `Qwen3MoeConfig` in huggingface/transformers, and its class for the blocks without experts.
  static let qwen3MoE: Family = {
    var family = Family(
      name: "qwen3_moe", architecture: "qwen3moe", contextLength: 32_768, keyValueHeads: 4, feedForwardBias: .never,
      normalises: .each)
    family.experts = Experts(
      count: ("num_experts", 128), chosen: 8, size: ("moe_intermediate_size", 768),
      isRenormalised: .stated("norm_topk_prob", otherwise: false), isListed: true)
    family.changesNothing = ["use_sliding_window": [.null, .bool(false)]]
    return family
  }()
}
