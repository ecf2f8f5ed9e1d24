/// The `tokenizer.json` of a Hugging Face folder: byte-level BPE, WordPiece, or a refusal that says what it is instead.
///
/// Source: the serialization of huggingface/tokenizers.
package struct HuggingFaceTokenizer {
  struct Contents: Decodable {
    struct Model: Decodable {
      let type: String?
      let vocab: [String: Int]?
      let merges: Merges?
      let ignoreMerges: Bool?
      let byteFallback: Bool?
      let continuingSubwordPrefix: String?
      let endOfWordSuffix: String?
      let unknownToken: String?
      let greatestWord: Int?
      let unknownNumber: Int?

      enum CodingKeys: String, CodingKey {
        case type, vocab, merges
        case ignoreMerges = "ignore_merges"
        case byteFallback = "byte_fallback"
        case continuingSubwordPrefix = "continuing_subword_prefix"
        case endOfWordSuffix = "end_of_word_suffix"
        case unknownToken = "unk_token"
        case greatestWord = "max_input_chars_per_word"
        case unknownNumber = "unk_id"
      }

      // Other kinds of model have a `vocab` of another shape: their kind is what must be told.
      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decodeIfPresent(String.self, forKey: .type)
        let isBPE = type == nil || type == "BPE"
        vocab = isBPE ? try container.decodeIfPresent([String: Int].self, forKey: .vocab) : nil
        merges = isBPE ? try container.decodeIfPresent(Merges.self, forKey: .merges) : nil
        ignoreMerges = try container.decodeIfPresent(Bool.self, forKey: .ignoreMerges)
        byteFallback = try container.decodeIfPresent(Bool.self, forKey: .byteFallback)
        continuingSubwordPrefix = try container.decodeIfPresent(String.self, forKey: .continuingSubwordPrefix)
        endOfWordSuffix = try container.decodeIfPresent(String.self, forKey: .endOfWordSuffix)
        unknownToken = try container.decodeIfPresent(String.self, forKey: .unknownToken)
        greatestWord = try container.decodeIfPresent(Int.self, forKey: .greatestWord)
        unknownNumber = try container.decodeIfPresent(Int.self, forKey: .unknownNumber)
      }
    }

    /// Merges as `"a b"`, or in newer files as `["a", "b"]`; no token of a byte-level vocabulary holds a space.
    struct Merges: Decodable {
      let texts: [String]

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let texts = try? container.decode([String].self) {
          self.texts = texts
        } else {
          texts = try container.decode([[String]].self).map { $0.joined(separator: " ") }
        }
      }
    }

    let addedTokens: [HuggingFaceAddedToken]?
    let normalizer: JSONValue?
    let preTokenizer: JSONValue?
    let postProcessor: JSONValue?
    let model: Model

    enum CodingKeys: String, CodingKey {
      case normalizer, model
      case addedTokens = "added_tokens"
      case preTokenizer = "pre_tokenizer"
      case postProcessor = "post_processor"
    }
  }

  /// The most tokens of a vocabulary: it is made before anything says that the model has as many.
  private static let greatestSize = 1 << 22

  let file: String
  let bytes: [UInt8]
  let contents: Contents
  let configuration: HuggingFaceTokenizerConfiguration?

  /// Reads the `tokenizer.json` of the folder at `path`, and its `tokenizer_config.json` where there is one.
  init(folder path: String) throws(ModelError) {
    let (file, beside) = ("\(path)/tokenizer.json", "\(path)/tokenizer_config.json")
    try self.init(
      JSONFile.bytes(path: file), file: file,
      configuration: MappedFile.exists(path: beside) ? JSONFile.bytes(path: beside) : nil, beside)
  }

  /// Reads the bytes of both files, which `file` and `beside` name in messages.
  package init(
    _ bytes: [UInt8], file: String, configuration: [UInt8]?, _ beside: String
  ) throws(ModelError) {
    self.file = file
    self.bytes = bytes
    contents = try JSONFile.decode(Contents.self, bytes, file: file)
    self.configuration = try configuration.map { bytes throws(ModelError) in
      HuggingFaceTokenizerConfiguration(try JSONFile.decode(JSONValue.self, bytes, file: beside), file: beside)
    }
  }

  /// The tokenizer, of whichever kind; `vocabularySize` may exceed its own, as embeddings are padded.
  ///
  /// - Throws: `ModelError` when it is of a kind that cannot be read, or its lists contradict each other.
  package func anyTokenizer(vocabularySize: Int, endOfText: [Int]) throws(ModelError) -> any Tokenizer {
    switch contents.model.type {
    case "WordPiece": try wordPieces(vocabularySize: vocabularySize)
    case "Unigram": try unigrams(vocabularySize: vocabularySize)
    default: try tokenizer(vocabularySize: vocabularySize, endOfText: endOfText)
    }
  }

  /// The byte-level tokenizer; `vocabularySize` may exceed its own.
  ///
  /// - Throws: `ModelError` when it is of another kind, or its lists contradict each other.
  package func tokenizer(vocabularySize: Int, endOfText: [Int]) throws(ModelError) -> BPETokenizer {
    let model = contents.model
    if let type = model.type, type != "BPE" {
      throw refusal("model.type", "'\(type)'", "only 'BPE', 'WordPiece' and 'Unigram' can be read")
    }
    if model.byteFallback == true { throw refusal("model.byte_fallback", "true", "only byte-level BPE can be read") }
    for (key, text) in [
      ("model.continuing_subword_prefix", model.continuingSubwordPrefix),
      ("model.end_of_word_suffix", model.endOfWordSuffix),
    ] {
      if let text, !text.isEmpty { throw refusal(key, ModelError.quoted(text), "only byte-level BPE can be read") }
    }
    let normalizer = contents.normalizer ?? .null
    let normalizers = normalizer["normalizers"].elements ?? (normalizer == .null ? [] : [normalizer])
    for step in normalizers where step["type"] != .string("NFC") {
      throw refusal("normalizer", step["type"].shown, "only NFC is known")
    }
    let composes = !normalizers.isEmpty
    if composes, let token = contents.addedTokens?.first(where: { $0.isNormalized && !$0.content.isComposed }) {
      throw refusal("added_tokens.\(token.id)", ModelError.quoted(token.content), "NFC would change it")
    }
    let preTokenizer = try HuggingFacePreTokenizer(file: file).preTokenizer(contents.preTokenizer ?? .null)
    let vocabulary = try vocabulary(size: vocabularySize)
    let postProcessor = HuggingFacePostProcessor(file: file, vocabularySize: vocabularySize)
    let frame = try postProcessor.frame(contents.postProcessor ?? .null)
    try configuration?.check(contents.addedTokens ?? [], frame: frame) { contents.model.vocab?[$0] }
    let named = ["<|endoftext|>", "<|end_of_text|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>"]
    let ends = endOfText.filter((0..<vocabularySize).contains) + named.compactMap { vocabulary.controlTokens[$0] }
    return BPETokenizer(
      vocabulary: vocabulary, preTokenizer: preTokenizer, takesWholePieces: model.ignoreMerges ?? false, frame: frame,
      endOfText: Set(ends), composes: composes)
  }

  private func vocabulary(size: Int) throws(ModelError) -> BPEVocabulary {
    guard let vocab = contents.model.vocab, let merges = contents.model.merges else {
      throw refusal("model", "without a vocabulary or merges", "fetch the model again")
    }
    try expectReasonable(size)
    // 1 is a normal token, 5 one that nothing leads to.
    var texts = (0..<size).map { "[PAD\($0)]" }
    var types = [Int](repeating: 5, count: size)
    func check(_ text: String, _ id: Int) throws(ModelError) {
      guard texts.indices.contains(id) else {
        throw refusal("token \(ModelError.quoted(text))", "number \(id)", "config.json says vocab_size is \(size)")
      }
      guard types[id] == 5 || texts[id] == text else {
        throw refusal(
          "token number \(id)", "\(ModelError.quoted(text)) and \(ModelError.quoted(texts[id]))", "one is wrong")
      }
    }
    for (text, id) in vocab {
      try check(text, id)
      (texts[id], types[id]) = (text, 1)
    }
    let added = try (contents.addedTokens ?? []).map { token throws(ModelError) in
      if let known = vocab[token.content], known != token.id {
        throw refusal(
          "token \(ModelError.quoted(token.content))", "number \(known) and number \(token.id)", "one is wrong")
      }
      try check(token.content, token.id)
      if let flag = token.unsupported {
        throw refusal("added_tokens.\(token.id).\(flag)", "true", "tokens count wherever they stand here")
      }
      return BPEVocabulary.AddedToken(
        text: token.content, id: token.id, isControl: token.isSpecial, isLate: token.isNormalized,
        takesSpace: token.takesSpace)
    }
    return try BPEVocabulary(tokens: texts, types: types, added: added, merges: merges.texts, file: file)
  }

  /// Refuses a vocabulary of more tokens than any has.
  func expectReasonable(_ size: Int) throws(ModelError) {
    guard size <= Self.greatestSize else {
      throw refusal("vocab_size", "\(size)", "tokenizers of at most \(Self.greatestSize) tokens can be read")
    }
  }

  func refusal(_ key: String, _ value: String, _ reason: String) -> ModelError {
    ModelError(file: file, problem: "\(key) is \(value)", remedy: "\(reason); feed the model token numbers instead")
  }
}
