import Foundation

extension HuggingFaceTokenizer {
  /// The tokenizer of scored pieces; `vocabularySize` may exceed its own.
  ///
  /// - Throws: `ModelError` when a part of it is not known, or its lists contradict each other.
  func unigrams(vocabularySize: Int) throws(ModelError) -> UnigramTokenizer {
    try expectReasonable(vocabularySize)
    if contents.model.byteFallback == true { throw refusal("model.byte_fallback", "true", "only false can be read") }
    let pieces = try HuggingFaceVocabulary.pieces(bytes, file: file)
    guard pieces.count <= vocabularySize, let unknown = contents.model.unknownNumber, pieces.indices.contains(unknown)
    else {
      throw refusal(
        "model.vocab", "of \(pieces.count) pieces", "\(vocabularySize) at most and an 'unk_id' among them are needed")
    }
    let (map, joins) = try characters(contents.normalizer ?? .null)
    let (splits, marks) = try marks(contents.preTokenizer ?? .null)
    let rules = UnigramTokenizer.Rules(
      pieces: pieces, unknown: unknown, map: map, joinsSpaces: joins, splitsAtSpaces: splits, marks: marks)
    var numbers: [[UInt8]: Int] = [:]
    for (number, piece) in pieces.enumerated() { numbers[piece.bytes] = number }
    let whole = try wholeTokens(vocabularySize: vocabularySize, normalized: rules.normalized) { text in
      numbers[Array(text.utf8)]
    }
    return UnigramTokenizer(rules, whole, vocabularySize: vocabularySize)
  }

  /// The map of characters, and whether runs of spaces become one.
  private func characters(_ json: JSONValue) throws(ModelError) -> (CharacterMap, Bool) {
    let steps = json == .null ? [] : json["type"].text == "Sequence" ? json["normalizers"].elements ?? [] : [json]
    var (map, joins) = (CharacterMap?.none, false)
    for step in steps {
      switch step["type"].text {
      case "Precompiled" where map == nil && !joins:
        let text = step["precompiled_charsmap"].text ?? ""
        guard let bytes = Data(base64Encoded: text), let read = CharacterMap(Array(bytes)) else {
          throw refusal("normalizer.precompiled_charsmap", "of \(text.utf8.count) characters", "it is damaged")
        }
        map = read
      case "Replace" where step["pattern"]["Regex"].text == " {2,}" && step["content"].text == " ": joins = true
      default: throw refusal("normalizer", step["type"].shown, "of pieces with scores only 'Precompiled' is known")
      }
    }
    return (map ?? CharacterMap(), joins)
  }

  /// Whether white space is left out, and which words begin with a mark.
  private func marks(_ json: JSONValue) throws(ModelError) -> (splits: Bool, UnigramTokenizer.Marks) {
    var steps = json["type"].text == "Sequence" ? json["pretokenizers"].elements ?? [] : [json]
    let splits = steps.count == 2 && steps[0]["type"].text == "WhitespaceSplit"
    if splits { steps.removeFirst() }
    guard steps.count == 1, steps[0]["type"].text == "Metaspace", steps[0]["replacement"].text == "\u{2581}",
      steps[0]["split"] != .bool(false)
    else {
      throw refusal("pre_tokenizer", json["type"].shown, "of pieces with scores only 'Metaspace' with U+2581 is known")
    }
    // Older files have one key where newer ones have a word.
    if let word = steps[0]["prepend_scheme"].text {
      guard let marks = UnigramTokenizer.Marks(rawValue: word) else {
        throw refusal("pre_tokenizer.prepend_scheme", ModelError.quoted(word), "always, first and never are known")
      }
      return (splits, marks)
    }
    return (splits, steps[0]["add_prefix_space"].truth ?? true ? .always : .never)
  }
}
