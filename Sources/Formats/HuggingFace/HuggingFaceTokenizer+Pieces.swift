extension HuggingFaceTokenizer {
  /// The model of words and pieces of words, and what each token stands for.
  ///
  /// - Throws: `ModelError` when its lists contradict each other.
  func wordPieces(_ size: Int) throws(ModelError) -> Parts {
    let numbers = try HuggingFaceVocabulary.numbers(bytes, file: file)
    let order = numbers.sorted { ($0.value, $0.key.count) < ($1.value, $1.key.count) }
    func refuse(_ text: [UInt8], _ problem: String, _ why: String) -> ModelError {
      refusal("token \(ModelError.quoted(String(decoding: text, as: UTF8.self)))", problem, why)
    }
    for (place, (text, id)) in order.enumerated() {
      guard 0..<size ~= id else { throw refuse(text, "number \(id)", "config.json says vocab_size is \(size)") }
      guard place == 0 || order[place - 1].value != id else {
        throw refuse(text, "number \(id)", "another token has that number")
      }
      guard text.count <= WholeToken.greatestLength else {
        throw refuse(
          text.prefix(32) + Array("…".utf8), "of \(text.count) bytes", "a piece may have \(WholeToken.greatestLength)")
      }
    }
    let word = contents.model.unknownToken ?? "[UNK]"
    guard let unknown = numbers[Array(word.utf8)] else {
      throw refusal("model.unk_token", ModelError.quoted(word), "the vocabulary lacks it")
    }
    let greatest = contents.model.greatestWord ?? 100
    guard 0...1000 ~= greatest else {
      throw refusal("model.max_input_chars_per_word", "\(greatest)", "a count up to 1000 is needed")
    }
    let continuation = Array((contents.model.continuingSubwordPrefix ?? "##").utf8)
    let model = WordPieceModel(
      WordPieceModel.Rules(numbers: numbers, unknown: unknown, continuation: continuation, greatestWord: greatest))
    var tokenBytes = [[UInt8]](repeating: [], count: size)
    for (text, id) in numbers { tokenBytes[id] = WordPieceModel.bytes(of: text, continuation: continuation) }
    return try parts(model, tokenBytes) { numbers[Array($0.utf8)] }
  }

  /// The model of scored pieces, and what each token stands for.
  ///
  /// - Throws: `ModelError` when its lists contradict each other.
  func unigrams(_ size: Int) throws(ModelError) -> Parts {
    let pieces = try HuggingFaceVocabulary.pieces(bytes, file: file)
    guard pieces.count <= size, let unknown = contents.model.unknownNumber, pieces.indices.contains(unknown) else {
      throw refusal(
        "model.vocab", "of \(pieces.count) pieces", "\(size) at most and an 'unk_id' among them are needed")
    }
    let fallsBack = contents.model.byteFallback ?? false
    let spelling = BPEVocabulary.Spelling.characters(mark: BPEVocabulary.mark)
    var tokenBytes = [[UInt8]](repeating: [], count: size)
    var numbers: [[UInt8]: Int] = [:]
    for (number, piece) in pieces.enumerated() {
      tokenBytes[number] = spelling.bytes(of: String(decoding: piece.bytes, as: UTF8.self)) ?? piece.bytes
      numbers[piece.bytes] = number
    }
    let model = UnigramModel(pieces: pieces, unknown: unknown, fallsBackToBytes: fallsBack)
    return try parts(model, tokenBytes) { [numbers] in numbers[Array($0.utf8)] }
  }

  /// The parts of a tokenizer with this `model`, of whose vocabulary `number` knows the tokens.
  private func parts(
    _ model: any PieceModel, _ tokenBytes: [[UInt8]], number: @escaping (String) -> Int?
  ) throws(ModelError) -> Parts {
    var tokenBytes = tokenBytes
    for token in contents.addedTokens ?? [] {
      let key = "added_tokens.\(token.id)"
      guard tokenBytes.indices.contains(token.id), number(token.content) ?? token.id == token.id else {
        throw refusal(key, ModelError.quoted(token.content), "the vocabulary has another number")
      }
      guard token.content.utf8.count <= WholeToken.greatestLength else {
        throw refusal(
          key, "of \(token.content.utf8.count) bytes",
          "a token that is recognised as a whole may have \(WholeToken.greatestLength)")
      }
      tokenBytes[token.id] = Array(token.content.utf8)
    }
    let whole = (contents.addedTokens ?? []).map(\.whole)
    return Parts(model: model, tokenBytes: tokenBytes, whole: whole, controlTokens: [:], number: number)
  }
}
