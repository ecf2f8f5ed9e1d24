extension Family {
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
