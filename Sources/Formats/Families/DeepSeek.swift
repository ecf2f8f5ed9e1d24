extension Family {
  /// DeepSeek V2 and V2 Lite: low-rank attention, experts by a softmax behind blocks without, the groups of the greatest scores first.
  ///
  /// Source: the documentation of `DeepseekV2Config` in huggingface/transformers, and its class for attention and router.
  static let deepSeekV2: Family = {
    var family = withLowRank(
      "deepseek_v2", LowRank(pairingKey: nil),
      Experts(
        count: ("n_routed_experts", 64), chosen: 6, size: ("moe_intermediate_size", 1407),
        sharedCount: ("n_shared_experts", 2), hasFactor: true,
        groups: Experts.Groups(score: .greatest, method: "group_limited_greedy"), firstPlain: 0, isRenormalised: .never)
    )
    family.feedForwardBias = .stated("mlp_bias")
    family.changesNothing = [
      "scoring_func": [.string("softmax")], "moe_layer_freq": [.number(1)],
      // Its own code and transformers differ where it is true.
      "norm_topk_prob": [.bool(false)], "topk_method": [.string("greedy"), .string("group_limited_greedy")],
    ]
    return family
  }()

  /// DeepSeek V3, R1 and what has their blocks: experts by sigmoids with a bias, the groups of the greatest sums of two first.
  ///
  /// Source: the documentation of `DeepseekV3Config` in huggingface/transformers, and its class for attention and router.
  /// Files of all families here call themselves `deepseek2`, and state how they differ; groups are compared there by sums of two.
  static let deepSeekV3: Family = {
    var family = withSigmoids("deepseek_v3")
    family.architecture = "deepseek2"
    family.tensorsInGGUF.experts = .ggufWithSharedExperts
    family.experts?.isRenormalisedInGGUF = false
    return family
  }()

  /// Kimi K2, whose code is that of DeepSeek V3.
  static let kimiK2 = withSigmoids("kimi_k2")

  /// GLM 4.7 Flash: blocks as DeepSeek V3's, of whose groups none is left out.
  ///
  /// Source: the documentation of `Glm4MoeLiteConfig` in huggingface/transformers, and its class.
  static let glm4MoELite: Family = {
    var family = withLowRank(
      "glm4_moe_lite", LowRank(queryRank: 768, ownSize: 192, valueSize: 256),
      Experts(
        count: ("n_routed_experts", 64), chosen: 4, size: ("moe_intermediate_size", 1536),
        sharedCount: ("n_shared_experts", 1), score: .sigmoid, isBiased: true, factor: 1.8,
        groups: Experts.Groups(score: .sumOfTwo, count: 1, kept: 1), hasTypes: true, firstPlain: 1,
        isRenormalised: .stated("norm_topk_prob", otherwise: true)))
    (family.contextLength, family.epsilon, family.keyValueHeads) = (202_752, ("rms_norm_eps", 1e-5), 20)
    // The class counts one, unless it has a list.
    family.changesNothing = ["first_k_dense_replace": [.number(1)]]
    return family
  }()

  private static func withSigmoids(_ name: String) -> Family {
    var family = withLowRank(
      name, LowRank(),
      Experts(
        count: ("n_routed_experts", 256), chosen: 8, size: ("moe_intermediate_size", 2048),
        sharedCount: ("n_shared_experts", 1), score: .sigmoid, isBiased: true, factor: 2.5,
        groups: Experts.Groups(score: .sumOfTwo, count: 8, kept: 4), firstPlain: 3,
        isRenormalised: .stated("norm_topk_prob", otherwise: true)))
    (family.contextLength, family.keyValueHeads) = (4096, 128)
    family.changesNothing = [
      "scoring_func": [.string("sigmoid")], "topk_method": [.string("noaux_tc")], "moe_layer_freq": [.number(1)],
    ]
    return family
  }

  /// The ground of families with low-rank attention and experts.
  private static func withLowRank(_ name: String, _ lowRank: LowRank, _ experts: Experts) -> Family {
    var family = Family(name: name, pairing: .adjacent, pairingInGGUF: .adjacent, feedForwardBias: .never)
    family.tensors.experts = .withSharedExperts
    (family.lowRank, family.experts, family.ignoresLaterBlocks) = (lowRank, experts, true)
    return family
  }
}
