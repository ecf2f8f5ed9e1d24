extension Family {
  /// ModernBERT: norms without biases before the mixers, but for the first; turned heads, gated products, windows to both sides.
  ///
  /// Source: the documentation of `ModernBertConfig` in huggingface/transformers, and its class for the order of the gate's rows.
  static let modernBERT: Family = {
    let layer = "model.layers.{block}"
    var family = Family(
      name: "modernbert", architecture: "modern-bert",
      tensors: TensorNames(
        embedding: "model.embeddings.tok_embeddings", embeddingNorm: "model.embeddings.norm",
        finalNorm: "model.final_norm", unembedding: "", attentionNorm: "\(layer).attn_norm", lacksFirstNorm: true,
        feedForwardNorm: "\(layer).mlp_norm", query: "", key: "", value: "", fused: "\(layer).attn.Wqkv",
        output: "\(layer).attn.Wo", queryNorm: "", keyNorm: "", up: "\(layer).mlp.Wi", upHoldsGate: true,
        down: "\(layer).mlp.Wo", otherHeads: ["head.", "decoder.", "classifier."], prefix: "model."),
      tensorsInGGUF: TensorNames.gguf.with {
        ($0.embeddingNorm, $0.lacksFirstNorm) = ("token_embd_norm", true)
        ($0.gate, $0.upHoldsGate, $0.unembedding, $0.otherHeads) = (nil, true, "", TensorNames.otherHeadsInGGUF)
      },
      aliases: ["rope_theta": "global_rope_theta", "rope_local_base_freq": "local_rope_theta"], isEncoder: true,
      contextLength: 8192, norm: .layer(hasBias: false), epsilon: ("norm_eps", 1e-5),
      activation: ("hidden_activation", .gelu),
      window: .symmetric(
        .init(
          size: ("local_attention", 128), period: ("global_attn_every_n_layers", 3), isFirstWhole: true)),
      theta: 160_000,
      thetaOfWindows: 10_000)
    family.changesNothing = ["norm_bias": [.bool(false)]]
    return family
  }()
}
