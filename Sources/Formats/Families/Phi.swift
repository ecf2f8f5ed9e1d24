extension Family {
  /// Phi 1 and 2: one layer norm for both branches, biases everywhere, nothing gated.
  ///
  /// Source: the documentation of `PhiConfig` in huggingface/transformers, and its class for the biases.
  static let phi: Family = {
    var family = Family(
      name: "phi", architecture: "phi2",
      tensors: .huggingFace.with {
        ($0.finalNorm, $0.feedForwardNorm) = ("model.final_layernorm", nil)
        $0.output = "model.layers.{block}.self_attn.dense"
        ($0.gate, $0.up) = (nil, "model.layers.{block}.mlp.fc1")
        $0.down = "model.layers.{block}.mlp.fc2"
      }, tensorsInGGUF: .gguf.with { ($0.gate, $0.feedForwardNorm) = (nil, nil) }, inputBias: .always,
      outputBias: .always, feedForwardBias: .always, norm: .layer(hasBias: true), epsilon: ("layer_norm_eps", 1e-5),
      activation: ("hidden_act", .geluTanh), isParallel: .always, turnedShare: 0.5)
    family.changesNothing = ["qk_layernorm": [.bool(false)]]
    return family
  }()

  /// Phi 3 and 4: Llama's blocks, with queries, keys and values in one product, and the gate and what it gates in another.
  ///
  /// Source: the documentation of `Phi3Config` in huggingface/transformers.
  static let phi3 = Family(
    name: "phi3", architecture: "phi3",
    tensors: .huggingFace.with {
      $0.fused = "model.layers.{block}.self_attn.qkv_proj"
      ($0.gate, $0.up, $0.upHoldsGate) = (nil, "model.layers.{block}.mlp.gate_up_proj", true)
    },
    tensorsInGGUF: .gguf.with { ($0.gate, $0.upHoldsGate) = (nil, true) }, contextLength: 4096, inputBias: .never,
    outputBias: .never, feedForwardBias: .never, epsilon: ("rms_norm_eps", 1e-5), window: .everywhere(otherwise: nil),
    turnedShare: 1)
}
