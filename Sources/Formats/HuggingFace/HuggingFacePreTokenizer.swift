/// The reader of the pre-tokenizer that `tokenizer.json` describes.
struct HuggingFacePreTokenizer {
  let file: String

  /// The pre-tokenizer that `json` describes.
  ///
  /// - Throws: `ModelError` that names what is not known.
  func preTokenizer(_ json: JSONValue) throws(ModelError) -> PreTokenizer {
    if json == .null { return PreTokenizer() }
    guard json["type"].text == "Sequence" else { return PreTokenizer(steps: try steps(json)) }
    var all: [PreTokenizer.Step] = []
    for step in json["pretokenizers"].elements ?? [] { all += try steps(step) }
    // Each writes two characters for one that is not ASCII, so that many would write more than any memory holds.
    guard all.filter({ if case .bytes = $0 { true } else { false } }).count < 2 else {
      throw refusal("pre_tokenizer is 'ByteLevel' twice", "bytes are written in their alphabet once")
    }
    return PreTokenizer(steps: all)
  }

  /// The steps of one pre-tokenizer; a key that is absent means what the library takes it for.
  private func steps(_ json: JSONValue) throws(ModelError) -> [PreTokenizer.Step] {
    switch json["type"].text {
    case "ByteLevel":
      return [.bytes(addsSpace: json["add_prefix_space"].truth ?? true, usesPattern: json["use_regex"].truth ?? true)]
    case "Split":
      let expression = try HuggingFaceExpression(file: file, key: "pre_tokenizer").expression(json["pattern"])
      return [.split(expression, try behavior(json["behavior"]), inverted: json["invert"].truth ?? false)]
    case "Digits": return [.digits(individual: json["individual_digits"].truth ?? false)]
    case "Metaspace": return [try marks(json)]
    case "Whitespace": return [.words]
    case "WhitespaceSplit": return [.whiteSpace]
    case "Punctuation":
      return [.punctuation(json["behavior"] == .null ? .isolated : try behavior(json["behavior"]))]
    case "BertPreTokenizer": return [.whiteSpace, .punctuation(.isolated)]
    case "CharDelimiterSplit":
      guard let delimiter = scalar(json["delimiter"]) else {
        throw refusal("pre_tokenizer.delimiter is \(json["delimiter"].shown)", "one character is needed")
      }
      return [.delimiter(delimiter)]
    default: throw refusal("pre_tokenizer is \(json["type"].shown)", "it is not known")
    }
  }

  private func behavior(_ json: JSONValue) throws(ModelError) -> TextPieces.Behavior {
    guard let behavior = json.text.flatMap(TextPieces.Behavior.init) else {
      throw refusal("pre_tokenizer.behavior is \(json.shown)", "it is not known")
    }
    return behavior
  }

  private func marks(_ json: JSONValue) throws(ModelError) -> PreTokenizer.Step {
    guard let mark = scalar(json["replacement"]) else {
      throw refusal("pre_tokenizer.replacement is \(json["replacement"].shown)", "one character is needed")
    }
    let splits = json["split"].truth ?? true
    // Older files have one key where newer ones have a word.
    guard let word = json["prepend_scheme"].text else {
      return .marks(mark, json["add_prefix_space"].truth ?? true ? .always : .never, splits: splits)
    }
    guard let scheme = PreTokenizer.MarkScheme(rawValue: word) else {
      throw refusal("pre_tokenizer.prepend_scheme is \(ModelError.quoted(word))", "always, first and never are known")
    }
    return .marks(mark, scheme, splits: splits)
  }

  private func scalar(_ json: JSONValue) -> Unicode.Scalar? {
    guard let scalars = json.text?.unicodeScalars, scalars.count == 1 else { return nil }
    return scalars.first
  }

  private func refusal(_ problem: String, _ reason: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "\(reason); feed the model token numbers instead")
  }
}
