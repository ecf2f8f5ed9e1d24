extension Family {
  /// Mistral 7B and what has its blocks; its GGUF files call themselves `llama`.
  ///
  /// Source: the documentation of `MistralConfig` in huggingface/transformers.
  static let mistral = Family(
    name: "mistral", contextLength: 131_072, keyValueHeads: 8, inputBias: .never, outputBias: .never,
    feedForwardBias: .never, window: .everywhere(otherwise: 4096))
}
