/// A token that `tokenizer.json` adds to its vocabulary: one that is recognised in a text as a whole.
struct HuggingFaceAddedToken: Decodable {
  let id: Int
  let content: String
  private let flags: [Flag: Bool]

  /// A statement about a token, true or false.
  enum Flag: String, CodingKey, CaseIterable {
    case special, lstrip, rstrip, normalized
    case singleWord = "single_word"
  }

  private enum CodingKeys: String, CodingKey { case id, content }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    id = try container.decode(Int.self, forKey: .id)
    content = try container.decode(String.self, forKey: .content)
    let stated = try decoder.container(keyedBy: Flag.self)
    var flags: [Flag: Bool] = [:]
    for flag in Flag.allCases { flags[flag] = try stated.decodeIfPresent(Bool.self, forKey: flag) }
    self.flags = flags
  }

  /// Whether `flag` is set; a token that steers is looked for in the text as it is, where nothing else is said.
  func has(_ flag: Flag) -> Bool { flags[flag] ?? (flag == .normalized && !has(.special)) }

  /// Whether the token steers the model and is no text.
  var isSpecial: Bool { has(.special) }

  /// Whether the token is looked for in the text as the normalizer leaves it, and so after those that are not.
  var isNormalized: Bool { has(.normalized) }

  /// The token as a tokenizer has it.
  var whole: WholeToken {
    WholeToken(
      text: content, id: id, isControl: isSpecial, isLate: isNormalized,
      sides: .init(
        takesSpaceBefore: has(.lstrip), takesSpaceBehind: has(.rstrip), isSingleWord: has(.singleWord)))
  }
}
