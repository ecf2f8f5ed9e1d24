/// The `tokenizer_config.json` of a Hugging Face folder, as far as it changes tokens.
///
/// `tokenizer.json` says everything that is computed here; what this file adds to it or says against it is refused by its key.
/// Source: `tokenization_utils_tokenizers.py` of huggingface/transformers 5.
struct HuggingFaceTokenizerConfiguration {
  private let json: JSONValue
  private let file: String

  init(_ json: JSONValue, file: String) {
    self.json = json
    self.file = file
  }

  /// Keys that change what a text is cut into wherever they are true.
  private static let switches = ["split_special_tokens", "fix_mistral_regex"]
  /// Keys that name one token, which is recognised as a whole.
  private static let names = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]
  /// Keys that name several.
  private static let lists = ["additional_special_tokens", "extra_special_tokens"]

  /// Checks that nothing changes what `tokenizer.json` says: it adds the tokens `added`, puts `frame` around a text,
  /// a space in front of words where it `addsPrefix`, and numbers its vocabulary by `numbers`.
  ///
  /// - Throws: `ModelError` that names the key which does.
  func check(
    _ added: [HuggingFaceAddedToken], frame: TextTokenizer.Frame, addsPrefix: Bool, numbers: (String) -> Int?
  ) throws(ModelError) {
    if let stated = json["add_prefix_space"].truth, stated != addsPrefix {
      throw refusal("add_prefix_space is \(stated)", "tokenizer.json says \(addsPrefix)")
    }
    for key in Self.switches where json[key] != .null && json[key] != .bool(false) {
      throw refusal("\(key) is \(json[key].shown)", "only false can be read")
    }
    if case .object(let entries) = json["added_tokens_decoder"] {
      let tokens = Dictionary(added.map { (String($0.id), $0) }, uniquingKeysWith: { first, _ in first })
      for (number, entry) in entries.sorted(by: { $0.key < $1.key }) { try check(number, entry, tokens[number]) }
    }
    let contents = Set(added.map(\.content))
    let named =
      Self.names.map { ($0, json[$0]) } + Self.lists.flatMap { key in json[key].elements?.map { (key, $0) } ?? [] }
    for (key, value) in named where value != .null {
      guard let text = Self.text(value), contents.contains(text) else {
        throw refusal("\(key) is \(value.shown)", "tokenizer.json does not add that token")
      }
    }
    try checkFrame(frame) { text in added.first { $0.content == text }?.id ?? numbers(text) }
  }

  /// Checks that nothing changes what `tokenizer.json` says of BERT's normalizer.
  ///
  /// - Throws: `ModelError` that names the key which does.
  func check(_ normalizer: BertNormalizer) throws(ModelError) {
    let stated = [
      ("do_lower_case", normalizer.lowersCase), ("strip_accents", normalizer.stripsAccents),
      ("tokenize_chinese_chars", normalizer.separatesChinese),
    ]
    for (key, truth) in stated where json[key] != .null && json[key] != .bool(truth) {
      throw refusal("\(key) is \(json[key].shown)", "tokenizer.json says \(truth)")
    }
  }

  /// Checks a token of `added_tokens_decoder` against the one that `tokenizer.json` adds under its number.
  private func check(_ number: String, _ entry: JSONValue, _ added: HuggingFaceAddedToken?) throws(ModelError) {
    let key = "added_tokens_decoder.\(number)"
    guard let token = added, token.content == entry["content"].text else {
      throw refusal("\(key) is \(entry["content"].shown)", "tokenizer.json does not add that token under this number")
    }
    for flag in HuggingFaceAddedToken.Flag.allCases {
      guard let stated = entry[flag.rawValue].truth, stated != token.has(flag) else { continue }
      throw refusal("\(key).\(flag.rawValue) is \(stated)", "tokenizer.json says \(!stated)")
    }
  }

  /// Checks that a text begins and ends as the file says, where it says anything.
  private func checkFrame(_ frame: TextTokenizer.Frame, number: (String) -> Int?) throws(ModelError) {
    let sides = [
      ("add_bos_token", "bos_token", frame.prefix), ("add_eos_token", "eos_token", frame.suffix),
    ]
    // Either key makes a reader put up both sides anew.
    guard sides.contains(where: { json[$0.0] != .null }) else { return }
    for (key, name, tokens) in sides {
      let wanted = json[key].truth == true ? Self.text(json[name]).map { [number($0)] } ?? [] : []
      guard wanted == tokens.map(Optional.some) else {
        throw refusal("\(key) is \(json[key].shown)", "tokenizer.json puts the tokens \(tokens) there")
      }
    }
  }

  /// The text of a token that is written as a text, or as an object with its `content`.
  private static func text(_ value: JSONValue) -> String? { value.text ?? value["content"].text }

  private func refusal(_ problem: String, _ reason: String) -> ModelError {
    ModelError(file: file, problem: problem, remedy: "\(reason); feed the model token numbers instead")
  }
}
