extension GGUFFile {
  /// The tokenizer that the file's metadata describe: byte-level BPE.
  ///
  /// - Throws: `ModelError` when the tokenizer is of another kind, its pre-tokenizer is unknown, or its lists
  ///   contradict each other.
  public func tokenizer() throws(ModelError) -> BPETokenizer {
    let model = try metadata.required(metadata.string("tokenizer.ggml.model"), "tokenizer.ggml.model")
    guard model == "gpt2" else {
      throw ModelError(
        file: file, problem: "has the tokenizer \(ModelError.quoted(model)); only 'gpt2' (byte-level BPE) can be read",
        remedy: "use a model with a byte-level BPE tokenizer")
    }
    let preName = try metadata.string("tokenizer.ggml.pre") ?? "default"
    guard let preTokenizer = PreTokenizer.named(preName) else {
      throw ModelError(
        file: file, problem: "has the pre-tokenizer \(ModelError.quoted(preName)) (tokenizer.ggml.pre)",
        remedy: "those that can be read are \(PreTokenizer.names.joined(separator: ", "))")
    }
    let vocabulary = try BPEVocabulary(
      tokens: metadata.required(metadata.strings("tokenizer.ggml.tokens"), "tokenizer.ggml.tokens"),
      types: metadata.integers("tokenizer.ggml.token_type"),
      merges: metadata.required(metadata.strings("tokenizer.ggml.merges"), "tokenizer.ggml.merges"), file: file)
    let isLlama3 = if case .llama3(numbers: 3) = preTokenizer { true } else { false }
    return BPETokenizer(
      vocabulary: vocabulary, preTokenizer: preTokenizer, takesWholePieces: isLlama3,
      frame: try frame(vocabulary, addsBeginningByDefault: isLlama3), endOfText: try endOfText(vocabulary))
  }

  /// A tokenizer for a vocabulary of `size`: that of the file, or where it cannot be read one that says so when it is asked.
  ///
  /// Token numbers need no tokenizer.
  func anyTokenizer(vocabularySize size: Int) -> any Tokenizer {
    do throws(ModelError) {
      return try tokenizer()
    } catch {
      let ends = ["eos", "eot", "eom"].compactMap { name -> Int? in
        guard case .integer(let id)? = metadata.values["tokenizer.ggml.\(name)_token_id"], 0..<size ~= id else {
          return nil
        }
        return id
      }
      return UnreadableTokenizer(vocabularySize: size, endOfText: Set(ends), reason: error)
    }
  }

  private func frame(
    _ vocabulary: BPEVocabulary, addsBeginningByDefault: Bool
  ) throws(ModelError) -> BPETokenizer.Frame {
    var frame = BPETokenizer.Frame()
    if try metadata.bool("tokenizer.ggml.add_bos_token") ?? addsBeginningByDefault {
      frame.prefix = [try token("tokenizer.ggml.bos_token_id", vocabulary, isRequired: true)].compactMap(\.self)
    }
    if try metadata.bool("tokenizer.ggml.add_eos_token") ?? false {
      frame.suffix = [try token("tokenizer.ggml.eos_token_id", vocabulary, isRequired: true)].compactMap(\.self)
    }
    frame.addsSpace = try metadata.bool("tokenizer.ggml.add_space_prefix") ?? false
    return frame
  }

  /// The tokens that the metadata name as ends, and control tokens that are ends by their well-known names.
  private func endOfText(_ vocabulary: BPEVocabulary) throws(ModelError) -> Set<Int> {
    var ends = Set<Int>()
    for key in ["eos", "eot", "eom"] {
      if let end = try token("tokenizer.ggml.\(key)_token_id", vocabulary) { ends.insert(end) }
    }
    for name in ["<|endoftext|>", "<|end_of_text|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>"] {
      if let end = vocabulary.controlTokens[name] { ends.insert(end) }
    }
    return ends
  }

  private func token(
    _ key: String, _ vocabulary: BPEVocabulary, isRequired: Bool = false
  ) throws(ModelError) -> Int? {
    guard let token = try metadata.integer(key) else {
      return isRequired ? try metadata.required(nil, key) : nil
    }
    guard vocabulary.tokenBytes.indices.contains(token) else {
      throw ModelError(
        file: file, problem: "key '\(key)' is \(token), but there are \(vocabulary.tokenBytes.count) tokens",
        remedy: "convert the model again")
    }
    return token
  }
}
