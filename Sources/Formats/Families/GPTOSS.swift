import PlumbModel

extension Family {
  /// gpt-oss: windows in every other block, a sink for each head, experts with biases and a clamped gate.
  ///
  /// Source: the documentation of `GptOssConfig` in huggingface/transformers, and its class for sinks, router and gate.
  static let gptOSS: Family = {
    var family = Family(
      name: "gpt_oss", architecture: "gpt-oss",
      tensorsInGGUF: .gguf.norms("blk.{block}.attn_norm", nil, "blk.{block}.post_attention_norm", nil),
      contextLength: 131_072, keyValueHeads: 8, headSize: 64, inputBias: .stated("attention_bias", otherwise: true),
      outputBias: .stated("attention_bias", otherwise: true), feedForwardBias: .never, epsilon: ("rms_norm_eps", 1e-5),
      window: .alternating(otherwise: 128, period: 2), theta: 150_000, hasOwnScaling: true, hasSinks: true,
      clamp: ClampedGateLayer())
    family.tensors.experts = ExpertNames(
      router: "model.layers.{block}.mlp.router", gate: nil, up: "model.layers.{block}.mlp.experts.gate_up_proj",
      down: "model.layers.{block}.mlp.experts.down_proj", isInterleaved: true)
    family.experts = Experts(
      count: ("num_local_experts", 128), chosen: 4, size: ("intermediate_size", 2880), isInterleaved: true)
    return family
  }()
}
