extension Family {
  /// Mistral 7B and what has its blocks; its GGUF files call themselves `llama`.
  ///
  /// Source: the documentation of `MistralConfig` in huggingface/transformers.
  static let mistral = Family(
    name: "mistral", contextLength: 131_072, keyValueHeads: 8, inputBias: .never, outputBias: .never,
    feedForwardBias: .never, window: .everywhere(otherwise: 4096))

  /// Ministral 3 and later, for text: angles scaled as YaRN scales them, and queries beyond the positions of training, where no
  /// pass is computed.
  ///
  /// Source: the documentation of `Ministral3Config` in huggingface/transformers, and its class for the scale of queries.
  static let ministral3 = Family(
    name: "ministral3", contextLength: 262_144, keyValueHeads: 8, headSize: 128, inputBias: .never,
    outputBias: .never, feedForwardBias: .never, epsilon: ("rms_norm_eps", 1e-5), window: .everywhere(otherwise: nil),
    theta: 1_000_000, scalesLateQueries: true)

  /// Mixtral: Mistral with experts; its GGUF files call themselves `llama`.
  ///
  /// Source: the documentation of `MixtralConfig` in huggingface/transformers, and its class for the router.
  static let mixtral: Family = {
    var family = Family(
      name: "mixtral", contextLength: 131_072, keyValueHeads: 8, inputBias: .never, outputBias: .never,
      feedForwardBias: .never, epsilon: ("rms_norm_eps", 1e-5), window: .everywhere(otherwise: nil), theta: 1_000_000)
    family.tensors.experts = ExpertNames(
      router: "model.layers.{block}.block_sparse_moe.gate",
      gate: "model.layers.{block}.block_sparse_moe.experts.{expert}.w1",
      up: "model.layers.{block}.block_sparse_moe.experts.{expert}.w3",
      down: "model.layers.{block}.block_sparse_moe.experts.{expert}.w2")
    family.experts = Experts(count: ("num_local_experts", 8), size: ("intermediate_size", 14_336))
    return family
  }()
}
