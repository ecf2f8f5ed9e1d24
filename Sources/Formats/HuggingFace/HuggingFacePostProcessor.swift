/// The reader of the tokens that `tokenizer.json` puts in front of and behind every text.
struct HuggingFacePostProcessor {
  let file: String
  let vocabularySize: Int

  /// The most tokens that stand around a text: a template may name one special token again and again, each of which may be many.
  private static let greatestFrame = 1024

  /// The frame that `json` describes.
  ///
  /// - Throws: `ModelError` that names what is not known.
  func frame(_ json: JSONValue) throws(ModelError) -> TextTokenizer.Frame {
    var frame = TextTokenizer.Frame()
    switch json["type"].text {
    case nil where json == .null: break
    // It moves offsets, not tokens.
    case "ByteLevel": break
    case "Sequence":
      for step in json["processors"].elements ?? [] {
        let part = try self.frame(step)
        try expectReasonable(
          frame.prefix.count + frame.suffix.count + part.prefix.count + part.suffix.count)
        frame.prefix = part.prefix + frame.prefix
        frame.suffix += part.suffix
      }
    case "BertProcessing", "RobertaProcessing":
      frame.prefix = [try number(json["cls"])]
      frame.suffix = [try number(json["sep"])]
    case "TemplateProcessing":
      var isBefore = true
      for item in json["single"].elements ?? [] {
        if item["Sequence"] != .null {
          isBefore = false
          continue
        }
        let name = item["SpecialToken"]["id"].text ?? ""
        let ids = (json["special_tokens"][name]["ids"].elements ?? []).compactMap(\.integer)
        guard !ids.isEmpty, ids.allSatisfy((0..<vocabularySize).contains) else {
          throw refusal("the template's token \(ModelError.quoted(name)) has no number of the vocabulary")
        }
        try expectReasonable(frame.prefix.count + frame.suffix.count + ids.count)
        if isBefore { frame.prefix += ids } else { frame.suffix += ids }
      }
    default: throw refusal("post_processor is \(json["type"].shown), which cannot be read")
    }
    return frame
  }

  /// The number of a token that is written as its text and its number.
  private func number(_ json: JSONValue) throws(ModelError) -> Int {
    guard let id = json.elements?.last?.integer, 0..<vocabularySize ~= id else {
      throw refusal("post_processor puts \(json.shown) around a text, which is no number of the vocabulary")
    }
    return id
  }

  private func expectReasonable(_ count: Int) throws(ModelError) {
    guard count <= Self.greatestFrame else {
      throw refusal("post_processor puts more than \(Self.greatestFrame) tokens around a text")
    }
  }

  private func refusal(_ problem: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "feed the model token numbers instead")
  }
}
