extension GGUFFile {
  /// The tokenizer that the file's metadata describe: byte pairs by merges or by SentencePiece's scores, pieces of words, or unigrams.
  ///
  /// - Throws: `ModelError` when the tokenizer is of another kind, its pre-tokenizer is unknown, or its lists
  ///   contradict each other.
  package func tokenizer() throws(ModelError) -> TextTokenizer {
    let model = try metadata.required(metadata.string("tokenizer.ggml.model"), "tokenizer.ggml.model")
    switch model {
    case "gpt2", "gemma4":
      let name = try model == "gemma4" ? model : metadata.string("tokenizer.ggml.pre") ?? "default"
      guard let named = PreTokenizer.named(name) else {
        throw ModelError(
          file: file, problem: "has the pre-tokenizer \(ModelError.quoted(name)) (tokenizer.ggml.pre)",
          remedy: "those that can be read are \(PreTokenizer.names.joined(separator: ", "))")
      }
      return try bytePairs(named)
    case "llama": return try scoredPieces()
    case "bert": return try wordPieces()
    case "t5": return try unigrams()
    default:
      throw ModelError(
        file: file,
        problem: "has the tokenizer \(ModelError.quoted(model)); "
          + "only 'gpt2', 'gemma4', 'llama', 'bert' and 't5' can be read",
        remedy: "use a model with one of these")
    }
  }

  private func bytePairs(_ named: PreTokenizer.Named) throws(ModelError) -> TextTokenizer {
    let merges = try metadata.required(metadata.strings("tokenizer.ggml.merges"), "tokenizer.ggml.merges")
    let vocabulary = try vocabulary(named.hasMarks ? .characters(mark: BPEVocabulary.mark) : .bytes, merges: merges)
    var rules = BPEModel.Rules(wholePieces: named.takesWholePieces ? .all : .none)
    if named.hasMarks { rules = BPEModel.Rules(wholePieces: .lineEnds, fallsBackToBytes: true) }
    let frame = try frame(vocabulary, addsBeginningByDefault: named.addsBeginning)
    return TextTokenizer(
      BPEModel(vocabulary, rules, isByteLevel: !named.hasMarks), tokenBytes: vocabulary.tokenBytes,
      whole: WholeTokens(vocabulary.whole), normalizer: named.hasMarks ? .marks(addsSpace: false) : Normalizer(),
      preTokenizer: named.preTokenizer, frame: frame, endOfText: try endOfText(vocabulary))
  }

  /// The tokenizer of SentencePiece's scores.
  private func scoredPieces() throws(ModelError) -> TextTokenizer {
    var vocabulary = try vocabulary(.characters(mark: BPEVocabulary.mark), merges: [])
    // A file does not say this of its tokens: llama.cpp knows the model by its name.
    let name = try metadata.string("general.name")?.lowercased() ?? ""
    if name.contains("phi-3") || name.contains("phi3") {
      vocabulary.takeSpaceBehind(butFor: ["<unk>", "<s>", "<|endoftext|>"])
    }
    let scores = try scores(count: vocabulary.tokenBytes.count)
    var frame = try frame(vocabulary, addsBeginningByDefault: true, beginning: 1, end: 2)
    // Each stretch of text gets the space, not the whole alone.
    frame.addsSpace = false
    return TextTokenizer(
      pieces: vocabulary, scores: scores, addsSpace: try metadata.bool("tokenizer.ggml.add_space_prefix") ?? true,
      frame: frame, endOfText: try endOfText(vocabulary))
  }

  /// The scores of `count` tokens.
  func scores(count: Int) throws(ModelError) -> [Float] {
    let key = "tokenizer.ggml.scores"
    let scores: [Float]
    switch metadata.values[key] {
    case .floats(let values)?: scores = values.map(Float.init)
    case .integers(let values)?: scores = values.map(Float.init)
    case nil: scores = try metadata.required(nil, key)
    default: throw fault("key '\(key)' holds no numbers")
    }
    guard scores.count == count else { throw fault("key '\(key)' has \(scores.count) numbers for \(count) tokens") }
    if let wrong = scores.firstIndex(where: \.isNaN) { throw fault("key '\(key)' is NaN for token \(wrong)") }
    return scores
  }

  func fault(_ problem: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "convert the model again")
  }

  func vocabulary(
    _ spelling: BPEVocabulary.Spelling, merges: [String]
  ) throws(ModelError) -> BPEVocabulary {
    try BPEVocabulary(
      tokens: metadata.required(metadata.strings("tokenizer.ggml.tokens"), "tokenizer.ggml.tokens"),
      types: metadata.integers("tokenizer.ggml.token_type"), added: [], merges: merges, spelling: spelling, file: file)
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

  func frame(
    _ vocabulary: BPEVocabulary, addsBeginningByDefault: Bool, addsEndByDefault: Bool = false, beginning: Int? = nil,
    end: Int? = nil
  ) throws(ModelError) -> TextTokenizer.Frame {
    var frame = TextTokenizer.Frame()
    if try metadata.bool("tokenizer.ggml.add_bos_token") ?? addsBeginningByDefault {
      frame.prefix = [try required("tokenizer.ggml.bos_token_id", vocabulary, else: beginning)]
    }
    if try metadata.bool("tokenizer.ggml.add_eos_token") ?? addsEndByDefault {
      frame.suffix = [try required("tokenizer.ggml.eos_token_id", vocabulary, else: end)]
    }
    frame.addsSpace = try metadata.bool("tokenizer.ggml.add_space_prefix") ?? false
    return frame
  }

  /// The tokens that the metadata name as ends, and control tokens that are ends by their well-known names.
  func endOfText(_ vocabulary: BPEVocabulary) throws(ModelError) -> Set<Int> {
    var ends = Set<Int>()
    for key in ["eos", "eot", "eom"] {
      if let end = try token("tokenizer.ggml.\(key)_token_id", vocabulary) { ends.insert(end) }
    }
    ends.formUnion(EndOfText.tokens(vocabulary.controlTokens))
    return ends
  }

  /// The token that `key` names, or the one that the kind of tokenizer has by itself.
  func required(
    _ key: String, _ vocabulary: BPEVocabulary, else own: Int?
  ) throws(ModelError) -> Int {
    if let token = try token(key, vocabulary) { return token }
    return try metadata.required(own.flatMap { vocabulary.tokenBytes.indices.contains($0) ? $0 : nil }, key)
  }

  func token(_ key: String, _ vocabulary: BPEVocabulary) throws(ModelError) -> Int? {
    guard let token = try metadata.integer(key) else { return nil }
    guard vocabulary.tokenBytes.indices.contains(token) else {
      throw ModelError(
        file: file, problem: "key '\(key)' is \(token), but there are \(vocabulary.tokenBytes.count) tokens",
        remedy: "convert the model again")
    }
    return token
  }
}
