extension Family {
  /// Granite 3 and 4, without experts: Llama with numbers that multiply embeddings, scores, branches and logits.
  ///
  /// Source: the documentation of `GraniteConfig` in huggingface/transformers.
  static let granite = Family(
    name: "granite", architecture: "granite", pairingInGGUF: .adjacent,
    attentionScale: .factor(key: "attention_multiplier"),
    embeddingScale: .factor(key: "embedding_multiplier", otherwise: 1),
    branchScale: .factor(key: "residual_multiplier", otherwise: 1),
    logitScale: .divisor(key: "logits_scaling", otherwise: 1))

  /// Granite 3 with experts, whose gates and other products stand in one tensor.
  ///
  /// Source: the documentation of `GraniteMoeConfig` in huggingface/transformers, and the class for its routers: a softmax over the
  /// chosen.
  static let graniteMoE: Family = {
    var family = granite
    (family.name, family.architecture, family.feedForwardBias) = ("granitemoe", "granitemoe", .never)
    family.tensors.experts = ExpertNames(
      router: "model.layers.{block}.block_sparse_moe.router.layer",
      up: "model.layers.{block}.block_sparse_moe.input_linear",
      down: "model.layers.{block}.block_sparse_moe.output_linear")
    family.experts = Experts(count: ("num_local_experts", 8), size: ("intermediate_size", 11_008))
    return family
  }()
}
