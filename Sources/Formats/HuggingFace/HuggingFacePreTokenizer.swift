/// Finds the pre-tokenizer that `tokenizer.json` describes among those that are known here.
struct HuggingFacePreTokenizer {
  let file: String

  /// Llama 3's pattern as its tokenizer has it, and Qwen 2's, which takes numbers one by one.
  private static let patterns: [String: PreTokenizer] = {
    func pattern(_ numbers: String) -> String {
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
    return [pattern(#"\p{N}{1,3}"#): .llama3(numbers: 3), pattern(#"\p{N}"#): .llama3(numbers: 1)]
  }()

  /// The pre-tokenizer that `json` describes.
  ///
  /// - Throws: `ModelError` that names what is not known.
  func preTokenizer(_ json: JSONValue) throws(ModelError) -> PreTokenizer {
    var steps = json["type"].text == "Sequence" ? json["pretokenizers"].elements ?? [] : [json]
    guard let bytes = steps.popLast(), bytes["type"].text == "ByteLevel" else {
      throw refusal("pre_tokenizer is \(json["type"].shown)", "only those that end in 'ByteLevel' can be read")
    }
    // Absent means true for both, as the library has it.
    guard bytes["add_prefix_space"].truth == false else {
      throw refusal("pre_tokenizer.add_prefix_space is true", "only false can be read")
    }
    let usesRegularExpression = bytes["use_regex"].truth ?? true
    guard let step = steps.first else {
      guard usesRegularExpression else { throw refusal("pre_tokenizer.use_regex is false", "nothing would be cut") }
      return .gpt2
    }
    guard steps.count == 1 else { throw refusal("pre_tokenizer has \(steps.count + 1) steps", "at most 2 can be read") }
    switch (step["type"].text, usesRegularExpression) {
    case ("Digits", true) where step["individual_digits"].truth == true: return .digitsThenGPT2
    case ("Split", false)
    where step["behavior"].text == "Isolated" && step["invert"].truth != true:
      if let pattern = step["pattern"]["Regex"].text, let known = Self.patterns[pattern] { return known }
      throw refusal("pre_tokenizer splits at \(step["pattern"]["Regex"].shown)", "Llama 3's and Qwen 2's are known")
    default: throw refusal("pre_tokenizer begins with \(step["type"].shown)", "'Digits' and 'Split' can be read")
    }
  }

  private func refusal(_ problem: String, _ reason: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "\(reason); feed the model token numbers instead")
  }
}
