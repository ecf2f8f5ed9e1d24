extension HuggingFaceTokenizer {
  /// The model of byte pairs, byte-level or with a mark for a space, and what each token stands for.
  ///
  /// - Throws: `ModelError` when a part of it is not known, or its lists contradict each other.
  func bytePairs(_ size: Int, isByteLevel: Bool) throws(ModelError) -> Parts {
    let model = contents.model
    for (key, text) in [
      ("model.continuing_subword_prefix", model.continuingSubwordPrefix),
      ("model.end_of_word_suffix", model.endOfWordSuffix),
    ] {
      if let text, !text.isEmpty { throw refusal(key, ModelError.quoted(text), "tokens with one cannot be read") }
    }
    let vocabulary = try vocabulary(size: size, isByteLevel ? .bytes : .characters(mark: BPEVocabulary.mark))
    var rules = BPEModel.Rules(
      wholePieces: model.ignoreMerges ?? false ? .all : .none, fallsBackToBytes: model.byteFallback ?? false,
      joinsUnknown: model.fusesUnknown ?? false)
    if let text = model.unknownToken {
      guard let unknown = vocabulary.numbers[Array(text.utf8)] else {
        throw refusal("model.unk_token", ModelError.quoted(text), "the vocabulary lacks it")
      }
      rules.unknown = unknown
    }
    return Parts(
      model: BPEModel(vocabulary, rules, isByteLevel: isByteLevel), tokenBytes: vocabulary.tokenBytes,
      whole: vocabulary.whole, controlTokens: vocabulary.controlTokens, number: { vocabulary.numbers[Array($0.utf8)] })
  }

  private func vocabulary(size: Int, _ spelling: BPEVocabulary.Spelling) throws(ModelError) -> BPEVocabulary {
    let numbers = try HuggingFaceVocabulary.numbers(bytes, file: file)
    guard let merges = contents.model.merges, !numbers.isEmpty else {
      throw refusal("model", "without a vocabulary or merges", "fetch the model again")
    }
    // 1 is a normal token, 5 one that nothing leads to.
    var texts = (0..<size).map { "[PAD\($0)]" }
    var types = [Int](repeating: 5, count: size)
    func check(_ text: String, _ id: Int) throws(ModelError) {
      guard texts.indices.contains(id) else {
        throw refusal("token \(ModelError.quoted(text))", "number \(id)", "config.json says vocab_size is \(size)")
      }
      guard types[id] == 5 || texts[id].utf8.elementsEqual(text.utf8) else {
        throw refusal(
          "token number \(id)", "\(ModelError.quoted(text)) and \(ModelError.quoted(texts[id]))", "one is wrong")
      }
    }
    for (bytes, id) in numbers {
      let text = String(decoding: bytes, as: UTF8.self)
      try check(text, id)
      (texts[id], types[id]) = (text, 1)
    }
    let added = try (contents.addedTokens ?? []).map { token throws(ModelError) in
      if let known = numbers[Array(token.content.utf8)], known != token.id {
        throw refusal(
          "token \(ModelError.quoted(token.content))", "number \(known) and number \(token.id)", "one is wrong")
      }
      try check(token.content, token.id)
      return token.whole
    }
    return try BPEVocabulary(
      tokens: texts, types: types, added: added, merges: merges.texts, spelling: spelling, lastMergeHolds: true,
      file: file)
  }
}
