extension Family {
  /// StableLM: Llama with layer norms, a quarter of a head turned.
  ///
  /// Source: the documentation of `StableLmConfig` in huggingface/transformers.
  static let stableLM: Family = {
    var family = Family(
      name: "stablelm", architecture: "stablelm", contextLength: 4096, inputBias: .stated("use_qkv_bias"),
      outputBias: .never, feedForwardBias: .never, norm: .layer(hasBias: true), epsilon: ("layer_norm_eps", 1e-5),
      turnedShare: 0.25)
    family.changesNothing = ["qk_layernorm": [.bool(false)], "use_parallel_residual": [.bool(false)]]
    return family
  }()
}
