/// A vocabulary of byte pairs, read from the strings that a GGUF file or a `tokenizer.json` holds.
package struct BPEVocabulary: Sendable {
  /// The way in which tokens are written.
  enum Spelling {
    /// In the alphabet of bytes.
    case bytes
    /// As they are, with this mark for a space, and a byte as `<0xNN>`.
    case characters(mark: Unicode.Scalar?)

    /// The bytes that `text` stands for; `nil` for what is not written in this way.
    func bytes(of text: String) -> [UInt8]? {
      switch self {
      case .bytes: return ByteAlphabet.bytes(of: text)
      case .characters(let mark):
        if let byte = BPEVocabulary.byte(text) { return [byte] }
        guard let mark else { return Array(text.utf8) }
        return Array(String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == mark ? " " : $0 })).utf8)
      }
    }
  }

  /// The type that `tokenizer.ggml.token_type` gives a token.
  enum TokenType: Int {
    case normal = 1
    case unknown = 2
    case control = 3
    case userDefined = 4
    case unused = 5
    case byte = 6
  }

  /// The bytes that each token stands for.
  private(set) var tokenBytes: [[UInt8]] = []
  /// The tokens that merges lead to, by the UTF-8 of what they are written as: a normal one before one that is recognised as a whole.
  private(set) var numbers: [[UInt8]: Int] = [:]
  /// The tokens that are recognised as a whole.
  private(set) var whole: [WholeToken] = []
  /// The merges.
  private(set) var merges = MergeTable()
  /// The control tokens by what they are written as.
  private(set) var controlTokens: [String: Int] = [:]
  private let spelling: Spelling

  /// The token of each byte, where there is one.
  var byteTokens: [Int32?] {
    (UInt8.min...UInt8.max).map { numbers[Array(Self.written($0).utf8)].map(Int32.init) }
  }

  /// Reads the vocabulary, of which the tokens are in the alphabet of bytes.
  ///
  /// - Throws: `ModelError` when the lists contradict each other.
  package init(tokens: [String], types: [Int]?, merges mergeTexts: [String], file: String) throws(ModelError) {
    try self.init(tokens: tokens, types: types, added: [], merges: mergeTexts, spelling: .bytes, file: file)
  }

  /// Reads the vocabulary, of which the tokens are as they are, with U+2581 for a space, and none of which is a merge.
  ///
  /// - Throws: `ModelError` when the lists contradict each other.
  package init(pieces: [String], types: [Int]?, file: String) throws(ModelError) {
    try self.init(
      tokens: pieces, types: types, added: [], merges: [], spelling: .characters(mark: Self.mark), file: file)
  }

  /// SentencePiece's mark for a space.
  static let mark: Unicode.Scalar = "\u{2581}"

  /// Reads the vocabulary, and `added` on top of it; an added token may stand in the vocabulary as well.
  ///
  /// - Parameter lastMergeHolds: whether of two merges of the same tokens the last holds, and not the first.
  /// - Precondition: the numbers of added tokens are below the number of `tokens`.
  /// - Throws: `ModelError` when the lists contradict each other.
  init(
    tokens: [String], types: [Int]?, added: [WholeToken], merges mergeTexts: [String], spelling: Spelling,
    lastMergeHolds: Bool = false, file: String
  ) throws(ModelError) {
    self.spelling = spelling
    func fault(_ problem: String) -> ModelError {
      ModelError(file: file, problem: problem, remedy: "convert the model again")
    }
    guard !tokens.isEmpty, tokens.count < Int(Int32.max) else { throw fault("tokenizer.ggml.tokens is empty") }
    if let types, types.count != tokens.count {
      throw fault("tokenizer.ggml.tokens has \(tokens.count) elements, tokenizer.ggml.token_type \(types.count)")
    }
    for (id, text) in tokens.enumerated() {
      let code = types?[id] ?? TokenType.normal.rawValue
      guard let type = TokenType(rawValue: code) else { throw fault("token \(id) has the unknown type \(code)") }
      try append(text, type, fault)
    }
    for token in added {
      // A token of the vocabulary stands for the bytes that it writes, however a text leads to it.
      if !tokens[token.id].utf8.elementsEqual(token.text.utf8) { tokenBytes[token.id] = Array(token.text.utf8) }
      try recognise(token, fault)
    }
    for token in whole where numbers[Array(token.text.utf8)] == nil { numbers[Array(token.text.utf8)] = token.id }
    for (index, text) in mergeTexts.enumerated() {
      guard let merge = merge(text) else {
        throw fault("merge \(index), \(ModelError.quoted(text)), is not two tokens that join into a third")
      }
      merges.append(left: merge.left, right: merge.right, result: merge.result, replaces: lastMergeHolds)
    }
  }

  /// Makes the white space behind a whole token part of it, but for those that are written as one of `others`.
  mutating func takeSpaceBehind(butFor others: Set<String>) {
    for place in whole.indices where !others.contains(whole[place].text) { whole[place].sides.takesSpaceBehind = true }
  }

  private mutating func append(
    _ text: String, _ type: TokenType, _ fault: (String) -> ModelError
  ) throws(ModelError) {
    let id = tokenBytes.count
    switch type {
    case .normal, .unused, .byte:
      guard let bytes = spelling.bytes(of: text) else {
        // No text leads to a token outside the alphabet (vocabularies are padded with such); it stands for itself.
        tokenBytes.append(Array(text.utf8))
        break
      }
      tokenBytes.append(bytes)
      guard numbers.updateValue(id, forKey: Array(text.utf8)) == nil else {
        throw fault("token \(id), \(ModelError.quoted(text)), stands in the vocabulary twice")
      }
    case .unknown, .control, .userDefined:
      tokenBytes.append(Array(text.utf8))
      try recognise(WholeToken(text: text, id: id, isControl: type != .userDefined), fault)
    }
  }

  private mutating func recognise(_ token: WholeToken, _ fault: (String) -> ModelError) throws(ModelError) {
    guard token.text.utf8.count <= WholeToken.greatestLength else {
      throw fault(
        "token \(token.id), \(ModelError.quoted(token.text)), is recognised as a whole and has "
          + "\(token.text.utf8.count) bytes, more than \(WholeToken.greatestLength)")
    }
    whole.append(token)
    if token.isControl { controlTokens[token.text] = token.id }
  }

  /// The merge that `text` writes as two tokens with a space between them; a space can also begin the first.
  private func merge(_ text: String) -> (left: Int32, right: Int32, result: Int32)? {
    let bytes = Array(text.utf8)
    guard let space = bytes.dropFirst().firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let (left, right) = (Array(bytes[..<space]), Array(bytes[(space + 1)...]))
    guard let leftID = numbers[left], let rightID = numbers[right], let result = numbers[left + right] else {
      return nil
    }
    return (Int32(leftID), Int32(rightID), Int32(result))
  }

  /// The byte that `text` writes as `<0xNN>`.
  static func byte(_ text: String) -> UInt8? {
    let units = Array(text.utf8)
    guard units.count == 6, units.starts(with: "<0x".utf8), units[5] == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: units[3..<5], as: UTF8.self), radix: 16)
  }

  /// The token of a `byte`, as it is written: `<0xNN>`.
  package static func written(_ byte: UInt8) -> String {
    "<0x\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))>"
  }
}
