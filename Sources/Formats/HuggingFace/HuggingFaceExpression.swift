/// The reader of the pattern of a step in `tokenizer.json`: a text, or a regular expression.
struct HuggingFaceExpression {
  let file: String
  /// The key of the step, for messages.
  let key: String

  /// The expression that `json` describes.
  ///
  /// - Throws: `ModelError` that names what is not known.
  func expression(_ json: JSONValue) throws(ModelError) -> RegularExpression {
    if let text = json["String"].text { return RegularExpression(literal: text) }
    guard let pattern = json["Regex"].text else {
      throw refusal("\(key).pattern is \(json.shown)", "a 'String' or a 'Regex' is needed")
    }
    do {
      return try RegularExpression(pattern)
    } catch {
      throw refusal("\(key).pattern is \(ModelError.quoted(pattern)), which cannot be run", error.reason)
    }
  }

  private func refusal(_ problem: String, _ reason: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "\(reason); feed the model token numbers instead")
  }
}
