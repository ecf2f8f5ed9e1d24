extension Family {
  /// Llama 1 to 3, SmolLM2 and all that call themselves so.
  ///
  /// Source: the documentation of `LlamaConfig` in huggingface/transformers.
  static let llama = Family(name: "llama", architecture: "llama", pairingInGGUF: .adjacent)
}
