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
}
