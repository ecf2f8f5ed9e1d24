extension Family {
  /// Qwen 2 and 2.5.
  ///
  /// Source: the documentation of `Qwen2Config` in huggingface/transformers.
  static let qwen2 = Family(
    name: "qwen2", architecture: "qwen2", contextLength: 32_768, keyValueHeads: 32, inputBias: .always,
    outputBias: .never, feedForwardBias: .never, window: .chosen(otherwise: 4096, from: 28))

  /// Qwen 3, without experts.
  ///
  /// Source: the documentation of `Qwen3Config` in huggingface/transformers.
  static let qwen3 = Family(
    name: "qwen3", architecture: "qwen3", contextLength: 32_768, keyValueHeads: 32, headSize: 128,
    feedForwardBias: .never, normalises: .each, window: .chosen(otherwise: 4096, from: 28))
}
