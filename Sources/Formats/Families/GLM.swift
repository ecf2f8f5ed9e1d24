extension Family {
  /// GLM 4 of 2025 (0414): norms before and behind the mixers, neighbours in pairs, half a head turned.
  ///
  /// Source: the documentation of `Glm4Config` in huggingface/transformers, and its class for the biases.
  static let glm4 = Family(
    name: "glm4", architecture: "glm4", pairing: .adjacent, pairingInGGUF: .adjacent,
    tensors: .huggingFace.norms(
      "model.layers.{block}.input_layernorm", "model.layers.{block}.post_self_attn_layernorm",
      "model.layers.{block}.post_attention_layernorm", "model.layers.{block}.post_mlp_layernorm"
    ).with { ($0.gate, $0.up, $0.upHoldsGate) = (nil, "model.layers.{block}.mlp.gate_up_proj", true) },
    tensorsInGGUF: .gguf.norms(
      "blk.{block}.attn_norm", "blk.{block}.post_attention_norm", "blk.{block}.ffn_norm", "blk.{block}.post_ffw_norm"
    ).with { ($0.gate, $0.upHoldsGate) = (nil, true) }, contextLength: 131_072, keyValueHeads: 2, headSize: 128,
    inputBias: .stated("attention_bias", otherwise: true), outputBias: .never, feedForwardBias: .never,
    epsilon: ("rms_norm_eps", 1.5625e-7), turnedShare: 0.5)
}
