/// The `tokenizer.json` of a Hugging Face folder: byte-pair encoding, WordPiece, unigrams, or a refusal that says what it is instead.
///
/// Source: the serialization of huggingface/tokenizers.
package struct HuggingFaceTokenizer {
  struct Contents: Decodable {
    struct Model: Decodable {
      let type: String?
      let merges: Merges?
      let ignoreMerges: Bool?
      let byteFallback: Bool?
      let fusesUnknown: Bool?
      let continuingSubwordPrefix: String?
      let endOfWordSuffix: String?
      let unknownToken: String?
      let greatestWord: Int?
      let unknownNumber: Int?

      enum CodingKeys: String, CodingKey {
        case type, merges
        case ignoreMerges = "ignore_merges"
        case byteFallback = "byte_fallback"
        case fusesUnknown = "fuse_unk"
        case continuingSubwordPrefix = "continuing_subword_prefix"
        case endOfWordSuffix = "end_of_word_suffix"
        case unknownToken = "unk_token"
        case greatestWord = "max_input_chars_per_word"
        case unknownNumber = "unk_id"
      }

      init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        type = try container.decodeIfPresent(String.self, forKey: .type)
        // Other kinds of model may have something else of the name: their kind is what must be told.
        let isBPE = type == nil || type == "BPE"
        merges = isBPE ? try container.decodeIfPresent(Merges.self, forKey: .merges) : nil
        ignoreMerges = try container.decodeIfPresent(Bool.self, forKey: .ignoreMerges)
        byteFallback = try container.decodeIfPresent(Bool.self, forKey: .byteFallback)
        fusesUnknown = try container.decodeIfPresent(Bool.self, forKey: .fusesUnknown)
        continuingSubwordPrefix = try container.decodeIfPresent(String.self, forKey: .continuingSubwordPrefix)
        endOfWordSuffix = try container.decodeIfPresent(String.self, forKey: .endOfWordSuffix)
        unknownToken = try container.decodeIfPresent(String.self, forKey: .unknownToken)
        greatestWord = try container.decodeIfPresent(Int.self, forKey: .greatestWord)
        unknownNumber = try container.decodeIfPresent(Int.self, forKey: .unknownNumber)
      }
    }

    /// Merges as `"a b"`, or in newer files as `["a", "b"]`; no token of a vocabulary with marks for spaces holds one.
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

  /// A model, and what its vocabulary says about tokens.
  struct Parts {
    let model: any PieceModel
    let tokenBytes: [[UInt8]]
    let whole: [WholeToken]
    /// The control tokens by what they are written as.
    let controlTokens: [String: Int]
    /// The number of the token that is written so.
    let number: (String) -> Int?
  }

  /// The tokenizer; `vocabularySize` may exceed its own, as embeddings are padded.
  ///
  /// - Throws: `ModelError` when a part of it is of a kind that is not known, or its lists contradict each other.
  package func tokenizer(vocabularySize: Int, endOfText: [Int]) throws(ModelError) -> TextTokenizer {
    try expectReasonable(vocabularySize)
    let normalizer = try HuggingFaceNormalizer(file: file).normalizer(contents.normalizer ?? .null)
    let preTokenizer = try HuggingFacePreTokenizer(file: file).preTokenizer(contents.preTokenizer ?? .null)
    let parts = try parts(vocabularySize, isByteLevel: preTokenizer.isByteLevel)
    let postProcessor = HuggingFacePostProcessor(file: file, vocabularySize: vocabularySize)
    let frame = try postProcessor.frame(contents.postProcessor ?? .null)
    try configuration?.check(
      contents.addedTokens ?? [], frame: frame, addsPrefix: normalizer.addsPrefix || preTokenizer.addsPrefix,
      numbers: parts.number)
    for case .bert(let bert) in normalizer.steps { try configuration?.check(bert) }
    let ends = endOfText.filter((0..<vocabularySize).contains) + EndOfText.tokens(parts.controlTokens)
    let whole: WholeTokens
    do {
      whole = try WholeTokens(parts.whole) { text throws(TokenizerError) in try normalizer.normalized(text) }
    } catch {
      throw refusal("normalizer", "not to be applied to added_tokens", "\(error)")
    }
    return TextTokenizer(
      parts.model, tokenBytes: parts.tokenBytes, whole: whole, normalizer: normalizer, preTokenizer: preTokenizer,
      frame: frame, endOfText: Set(ends))
  }

  private func parts(_ size: Int, isByteLevel: Bool) throws(ModelError) -> Parts {
    switch contents.model.type {
    case nil, "BPE": try bytePairs(size, isByteLevel: isByteLevel)
    case "WordPiece": try wordPieces(size)
    case "Unigram": try unigrams(size)
    case let type?:
      throw refusal("model.type", ModelError.quoted(type), "only 'BPE', 'WordPiece' and 'Unigram' can be read")
    }
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
