extension Family {
  /// StarCoder 2: layer norms, biases, nothing gated.
  ///
  /// Source: the documentation of `Starcoder2Config` in huggingface/transformers.
  static let starCoder2 = Family(
    name: "starcoder2", architecture: "starcoder2",
    tensors: .huggingFace.with {
      ($0.gate, $0.up) = (nil, "model.layers.{block}.mlp.c_fc")
      $0.down = "model.layers.{block}.mlp.c_proj"
    },
    tensorsInGGUF: .gguf.with { $0.gate = nil }, contextLength: 4096, keyValueHeads: 2, isTied: true,
    inputBias: .stated("use_bias", otherwise: true), outputBias: .stated("use_bias", otherwise: true),
    feedForwardBias: .stated("use_bias", otherwise: true), norm: .layer(hasBias: true), epsilon: ("norm_epsilon", 1e-5),
    activation: ("hidden_act", .geluTanh), window: .everywhere(otherwise: nil))
}
