import Foundation

/// The reader of the normalizer that `tokenizer.json` describes.
struct HuggingFaceNormalizer {
  let file: String

  /// The normalizer that `json` describes.
  ///
  /// - Throws: `ModelError` that names what is not known.
  func normalizer(_ json: JSONValue) throws(ModelError) -> Normalizer {
    if json == .null { return Normalizer() }
    let parts = json["type"].text == "Sequence" ? json["normalizers"].elements ?? [] : [json]
    var steps: [Normalizer.Step] = []
    for part in parts { steps.append(try step(part)) }
    return Normalizer(steps: steps)
  }

  private func step(_ json: JSONValue) throws(ModelError) -> Normalizer.Step {
    switch json["type"].text {
    case "NFC": return .composed
    case "NFD": return .decomposed
    case "NFKC": return .compatible
    case "NFKD": return .compatibleDecomposed
    case "Lowercase": return .lowercase
    case "StripAccents": return .stripAccents
    case "Strip": return .strip(left: json["strip_left"].truth ?? true, right: json["strip_right"].truth ?? true)
    case "Prepend":
      guard let text = json["prepend"].text else {
        throw refusal("normalizer.prepend", json["prepend"].shown, "no text")
      }
      return .prepend(text)
    case "Replace":
      guard let content = json["content"].text else {
        throw refusal("normalizer.content", json["content"].shown, "no text")
      }
      return .replace(
        try HuggingFaceExpression(file: file, key: "normalizer").expression(json["pattern"]), with: content)
    case "BertNormalizer":
      let lowersCase = json["lowercase"].truth ?? true
      return .bert(
        BertNormalizer(
          cleans: json["clean_text"].truth ?? true, separatesChinese: json["handle_chinese_chars"].truth ?? true,
          stripsAccents: json["strip_accents"].truth ?? lowersCase, lowersCase: lowersCase))
    case "Precompiled":
      let text = json["precompiled_charsmap"].text ?? ""
      guard let bytes = Data(base64Encoded: text), let map = CharacterMap(Array(bytes)) else {
        throw refusal("normalizer.precompiled_charsmap", "of \(text.utf8.count) characters", "it is damaged")
      }
      return .map(map)
    default: throw refusal("normalizer", json["type"].shown, "it is not known")
    }
  }

  private func refusal(_ key: String, _ value: String, _ reason: String) -> ModelError {
    ModelError(file: file, problem: "\(key) is \(value)", remedy: "\(reason); feed the model token numbers instead")
  }
}
