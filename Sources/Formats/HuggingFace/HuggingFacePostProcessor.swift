/// What `tokenizer.json` puts in front of and behind every text.
struct HuggingFacePostProcessor {
  let file: String
  let vocabularySize: Int

  /// The frame that `json` describes.
  ///
  /// - Throws: `ModelError` that names what is not known.
  func frame(_ json: JSONValue) throws(ModelError) -> BPETokenizer.Frame {
    var frame = BPETokenizer.Frame()
    switch json["type"].text {
    case nil where json == .null: break
    // It moves offsets, not tokens.
    case "ByteLevel": break
    case "Sequence":
      for step in json["processors"].elements ?? [] {
        let part = try self.frame(step)
        frame.prefix = part.prefix + frame.prefix
        frame.suffix += part.suffix
      }
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
        if isBefore { frame.prefix += ids } else { frame.suffix += ids }
      }
    default: throw refusal("post_processor is \(json["type"].shown), which cannot be read")
    }
    return frame
  }

  private func refusal(_ problem: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "feed the model token numbers instead")
  }
}
