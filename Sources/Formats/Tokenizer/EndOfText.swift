/// The control tokens after which a model has nothing more to say, by their well-known names.
enum EndOfText {
  private static let names = [
    "<|endoftext|>", "<|end_of_text|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<end_of_turn>",
    "<｜end▁of▁sentence｜>", "<|return|>", "<|call|>",
  ]

  /// The `controlTokens` that are ends.
  ///
  /// In the vocabulary of gpt-oss a message ends with `<|end|>` and another may follow.
  static func tokens(_ controlTokens: [String: Int]) -> [Int] {
    let hasMessages = controlTokens["<|return|>"] != nil && controlTokens["<|call|>"] != nil
    return names.filter { !(hasMessages && $0 == "<|end|>") }.compactMap { controlTokens[$0] }
  }
}
