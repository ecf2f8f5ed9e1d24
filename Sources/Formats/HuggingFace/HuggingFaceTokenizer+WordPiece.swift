extension HuggingFaceTokenizer {
  /// The tokenizer of words and pieces of words; `vocabularySize` may exceed its own.
  ///
  /// - Throws: `ModelError` when a part of it is not known, or its lists contradict each other.
  func wordPieces(vocabularySize: Int) throws(ModelError) -> WordPieceTokenizer {
    try expectReasonable(vocabularySize)
    let normalizer = try bertNormalizer(contents.normalizer ?? .null)
    let kind = contents.preTokenizer ?? .null
    guard kind["type"].text == "BertPreTokenizer" else {
      throw refusal("pre_tokenizer", kind["type"].shown, "of words and pieces only 'BertPreTokenizer' is known")
    }
    let numbers = try HuggingFaceVocabulary.numbers(bytes, file: file)
    let order = numbers.sorted { ($0.value, $0.key.count) < ($1.value, $1.key.count) }
    func refuse(_ text: [UInt8], _ problem: String, _ why: String) -> ModelError {
      refusal("token \(ModelError.quoted(String(decoding: text, as: UTF8.self)))", problem, why)
    }
    for (place, (text, id)) in order.enumerated() {
      guard id < vocabularySize else {
        throw refuse(text, "number \(id)", "config.json says vocab_size is \(vocabularySize)")
      }
      guard place == 0 || order[place - 1].value != id else {
        throw refuse(text, "number \(id)", "another token has that number")
      }
      guard text.count <= BPEVocabulary.greatestSpecial else {
        throw refuse(
          text.prefix(32) + Array("…".utf8), "of \(text.count) bytes",
          "a piece may have \(BPEVocabulary.greatestSpecial)")
      }
    }
    func number(_ text: String) -> Int? { numbers[Array(text.utf8)] }
    let word = contents.model.unknownToken ?? "[UNK]"
    guard let unknown = number(word) else {
      throw refusal("model.unk_token", ModelError.quoted(word), "the vocabulary lacks it")
    }
    let greatest = contents.model.greatestWord ?? 100
    guard 0...1000 ~= greatest else {
      throw refusal("model.max_input_chars_per_word", "\(greatest)", "a count up to 1000 is needed")
    }
    let whole = try wholeTokens(
      vocabularySize: vocabularySize, normalized: normalizer.normalized, number: number)
    try configuration?.check(normalizer)
    return WordPieceTokenizer(
      WordPieceTokenizer.Rules(
        numbers: numbers, unknown: unknown, continuation: Array((contents.model.continuingSubwordPrefix ?? "##").utf8),
        greatestWord: greatest), normalizer, whole, vocabularySize: vocabularySize)
  }

  /// The tokens that are recognised as a whole, of which `number` knows those of the vocabulary.
  func wholeTokens(
    vocabularySize: Int, normalized: (String) -> String, number: (String) -> Int?
  ) throws(ModelError) -> WholeTokens {
    let added = contents.addedTokens ?? []
    for token in added {
      guard 0..<vocabularySize ~= token.id, number(token.content) ?? token.id == token.id else {
        throw refusal("added_tokens.\(token.id)", ModelError.quoted(token.content), "the vocabulary has another number")
      }
      guard token.content.utf8.count <= BPEVocabulary.greatestSpecial else {
        throw refusal(
          "added_tokens.\(token.id)", "of \(token.content.utf8.count) bytes",
          "a token that is recognised as a whole may have \(BPEVocabulary.greatestSpecial)")
      }
      if let flag = token.unsupported {
        throw refusal("added_tokens.\(token.id).\(flag)", "true", "tokens count wherever they stand in a text here")
      }
    }
    let frame = try HuggingFacePostProcessor(file: file, vocabularySize: vocabularySize)
      .frame(contents.postProcessor ?? .null)
    try configuration?.check(added, frame: frame, numbers: number)
    return WholeTokens(added, frame: frame, normalized: normalized)
  }

  private func bertNormalizer(_ json: JSONValue) throws(ModelError) -> BertNormalizer {
    guard json["type"].text == "BertNormalizer" else {
      throw refusal("normalizer", json["type"].shown, "of words and pieces only 'BertNormalizer' is known")
    }
    let lowersCase = json["lowercase"].truth ?? true
    return BertNormalizer(
      cleans: json["clean_text"].truth ?? true, separatesChinese: json["handle_chinese_chars"].truth ?? true,
      stripsAccents: json["strip_accents"].truth ?? lowersCase, lowersCase: lowersCase)
  }
}
