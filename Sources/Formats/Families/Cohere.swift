extension Family {
  /// Command R: one norm for both branches, neighbours in pairs, logits that a number multiplies.
  ///
  /// Source: the documentation of `CohereConfig` in huggingface/transformers.
  static let cohere: Family = {
    var family = Family(
      name: "cohere", architecture: "command-r", pairing: .adjacent, pairingInGGUF: .adjacent,
      tensors: .huggingFace.with { $0.feedForwardNorm = nil }, tensorsInGGUF: .gguf.with { $0.feedForwardNorm = nil },
      contextLength: 8192, isTied: true, feedForwardBias: .never, norm: .layer(hasBias: false),
      epsilon: ("layer_norm_eps", 1e-5), isParallel: .always, theta: 500_000,
      logitScale: .factor(key: "logit_scale", otherwise: 0.0625))
    family.changesNothing = ["use_qk_norm": [.bool(false)]]
    return family
  }()

  /// Command R7B and A: windows in all but each fourth block, whose heads are not turned.
  ///
  /// Source: the documentation of `Cohere2Config` in huggingface/transformers.
  static let cohere2 = Family(
    name: "cohere2", architecture: "cohere2", pairing: .adjacent, pairingInGGUF: .adjacent, tensors: cohere.tensors,
    tensorsInGGUF: cohere.tensorsInGGUF, contextLength: 8192, isTied: true, feedForwardBias: .never,
    norm: .layer(hasBias: false), epsilon: ("layer_norm_eps", 1e-5), isParallel: .always,
    window: .alternating(otherwise: 4096, period: 4), unturned: .withoutWindow,
    logitScale: .factor(key: "logit_scale", otherwise: 0.0625))
}
