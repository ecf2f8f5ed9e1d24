extension GGUFFile {
  /// The tokenizer of words and pieces of words: in the file's list a word's first piece begins with a mark, others with nothing.
  ///
  /// A word of any length is cut, unlike in the folders of such models.
  ///
  /// Source: `llm_tokenizer_wpm` of llama.cpp; the classes of characters are those of `BertNormalizer`.
  func wordPieces() throws(ModelError) -> TextTokenizer {
    let vocabulary = try vocabulary(.characters(mark: BPEVocabulary.mark), merges: [])
    let mark = Array(String(BPEVocabulary.mark).utf8)
    let model = WordPieceModel(
      WordPieceModel.Rules(
        numbers: vocabulary.numbers, unknown: try required("tokenizer.ggml.unknown_token_id", vocabulary, else: 100),
        continuation: [], beginning: mark, greatestWord: .max))
    let lowers = try metadata.bool("tokenizer.ggml.normalizer.lowercase") ?? true
    let normalizer = BertNormalizer(
      stripsAccents: try metadata.bool("tokenizer.ggml.normalizer.strip_accents") ?? lowers, lowersCase: lowers)
    var frame = TextTokenizer.Frame()
    frame.prefix = [try required("tokenizer.ggml.bos_token_id", vocabulary, else: 101)]
    frame.suffix = [try required("tokenizer.ggml.seperator_token_id", vocabulary, else: 102)]
    return TextTokenizer(
      model, tokenBytes: vocabulary.tokenBytes, whole: WholeTokens(vocabulary.whole),
      normalizer: Normalizer(steps: [.bert(normalizer)]),
      preTokenizer: PreTokenizer(steps: [.whiteSpace, .punctuation(.isolated)]), frame: frame)
  }

  /// The tokenizer of SentencePiece's unigrams.
  ///
  /// Normal and unused pieces are found by their scores, and a user's own by 0; what has none is 10 worse than the worst normal one.
  ///
  /// Source: `llm_tokenizer_ugm` of llama.cpp.
  func unigrams() throws(ModelError) -> TextTokenizer {
    let vocabulary = try vocabulary(.characters(mark: BPEVocabulary.mark), merges: [])
    let tokens = try metadata.required(metadata.strings("tokenizer.ggml.tokens"), "tokenizer.ggml.tokens")
    let scores = try scores(count: tokens.count).map { Double($0) }
    let types = try metadata.integers("tokenizer.ggml.token_type") ?? []
    func type(_ id: Int) -> BPEVocabulary.TokenType {
      types.indices.contains(id) ? BPEVocabulary.TokenType(rawValue: types[id]) ?? .normal : .normal
    }
    // A piece without bytes is found nowhere.
    let pieces = tokens.indices.map { id -> (bytes: [UInt8], score: Double) in
      switch type(id) {
      case .normal, .unused: (Array(tokens[id].utf8), scores[id])
      case .userDefined: (Array(tokens[id].utf8), 0)
      case .unknown, .control, .byte: ([], 0)
      }
    }
    let model = UnigramModel(
      pieces: pieces, unknown: try required("tokenizer.ggml.unknown_token_id", vocabulary, else: 2),
      leastScore: tokens.indices.lazy.filter { type($0) == .normal }.map { scores[$0] }.min())
    var frame = try frame(vocabulary, addsBeginningByDefault: false, addsEndByDefault: true, end: 1)
    // Each stretch of text gets the space, not the whole alone.
    frame.addsSpace = false
    return TextTokenizer(
      model, tokenBytes: vocabulary.tokenBytes, whole: WholeTokens(vocabulary.whole),
      normalizer: Normalizer(steps: try stepsOfUnigrams()), frame: frame, endOfText: try endOfText(vocabulary))
  }

  /// The changes to a text before it is cut into unigrams.
  private func stepsOfUnigrams() throws(ModelError) -> [Normalizer.Step] {
    var steps: [Normalizer.Step] = []
    let key = "tokenizer.ggml.precompiled_charsmap"
    if let numbers = try metadata.integers(key), !numbers.isEmpty {
      guard let map = CharacterMap(numbers.map { UInt8(truncatingIfNeeded: $0) }) else {
        throw fault("key '\(key)' holds no map of characters")
      }
      steps.append(.map(map, byRuns: true))
    }
    if try metadata.bool("tokenizer.ggml.remove_extra_whitespaces") ?? false {
      steps += [
        .replace(PreTokenizer.known("^ +| +$"), with: ""), .replace(PreTokenizer.known(" +"), with: " "),
      ]
    }
    let addsSpace = try metadata.bool("tokenizer.ggml.add_space_prefix") ?? true
    return steps + Normalizer.marks(addsSpace: addsSpace).steps
  }
}
