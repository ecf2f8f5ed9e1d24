extension Family {
  /// Gemma, the first.
  ///
  /// Source: the documentation of `GemmaConfig` in huggingface/transformers.
  static let gemma: Family = {
    var family = Family(
      name: "gemma", architecture: "gemma", contextLength: 8192, keyValueHeads: 16, headSize: 256, isTied: true,
      feedForwardBias: .never, norm: .rmsLessOne, activation: ("hidden_act", .geluTanh), isGELUOfTanh: true,
      embeddingScale: .rootOfHidden)
    // Later files name the same function by this key.
    family.changesNothing = ["hidden_activation": [.string("gelu_pytorch_tanh"), .string("gelu")]]
    return family
  }()

  /// Gemma 2: norms behind the mixers, too, windows in every other block, soft caps.
  ///
  /// Source: the documentation of `Gemma2Config` in huggingface/transformers; llama.cpp for the scale of its files.
  static let gemma2 =
    Family(
      name: "gemma2", architecture: "gemma2", tensors: gemma3.tensors, tensorsInGGUF: gemma3.tensorsInGGUF,
      contextLength: 8192, keyValueHeads: 4, headSize: 256, isTied: true, feedForwardBias: .never, norm: .rmsLessOne,
      activation: ("hidden_activation", .geluTanh), window: .alternating(otherwise: 4096, period: 2),
      windowInGGUF: 4096,
      attentionScale: .size(key: "query_pre_attn_scalar", otherwise: 256, hiddenShareWithBlocks: 46),
      embeddingScale: .rootOfHidden, scoreCap: .stated(otherwise: 50), logitCap: .stated(otherwise: 30))

  /// Gemma 3 for text: norms of heads, windows in all but each sixth block, which have their own base of angles.
  ///
  /// Source: the documentation of `Gemma3TextConfig` in huggingface/transformers; llama.cpp for the scale of its files.
  static let gemma3 = Family(
    name: "gemma3_text", architecture: "gemma3",
    tensors: .huggingFace.norms(
      "model.layers.{block}.input_layernorm", "model.layers.{block}.post_attention_layernorm",
      "model.layers.{block}.pre_feedforward_layernorm", "model.layers.{block}.post_feedforward_layernorm"),
    tensorsInGGUF: .gguf.norms(
      "blk.{block}.attn_norm", "blk.{block}.post_attention_norm", "blk.{block}.ffn_norm", "blk.{block}.post_ffw_norm"),
    contextLength: 131_072, keyValueHeads: 4, headSize: 256, isTied: true, feedForwardBias: .never, norm: .rmsLessOne,
    normalises: .each, activation: ("hidden_activation", .geluTanh), window: .alternating(otherwise: 4096, period: 6),
    theta: 1_000_000, thetaOfWindows: 10_000,
    attentionScale: .size(key: "query_pre_attn_scalar", otherwise: 256, hiddenShareWithBlocks: 62),
    embeddingScale: .rootOfHidden, scoreCap: .stated(otherwise: nil), logitCap: .stated(otherwise: nil))

  /// EmbeddingGemma: Gemma 3 that sees to both sides, half a window to each.
  ///
  /// Source: the documentation of `Gemma3TextConfig` in huggingface/transformers, and its class for what it makes of the window.
  static let embeddingGemma: Family = {
    var family = gemma3
    family.architecture = "gemma-embedding"
    family.isMeant = { $0["use_bidirectional_attention"] == .bool(true) }
    family.isEncoder = true
    family.tensors = gemma3.tensors.with { ($0.otherHeads, $0.prefix) = (["lm_head."], "model.") }
    family.tensorsInGGUF = gemma3.tensorsInGGUF.with {
      ($0.unembedding, $0.otherHeads) = ("", TensorNames.otherHeadsInGGUF)
    }
    family.window = .symmetric(.init())
    family.changesNothing = ["use_bidirectional_attention": [.bool(true)]]
    return family
  }()
}
