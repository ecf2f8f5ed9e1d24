/// A byte-level vocabulary, read from the strings that a GGUF file or a `tokenizer.json` holds.
package struct BPEVocabulary: Sendable {
  /// A token that is recognised as a whole, beside whatever the vocabulary makes of its number.
  struct AddedToken {
    let text: String
    let id: Int
    /// Whether it steers the model and is no text.
    let isControl: Bool
    /// Whether it is looked for only in what the others leave.
    let isLate: Bool
    /// Whether the white space before it is part of it.
    let takesSpace: Bool
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
  /// Whether each token is a control token.
  private(set) var isSpecial: [Bool] = []
  /// The tokens that merges lead to, by their bytes: a normal one before one that is recognised as a whole.
  private(set) var idByBytes: [[UInt8]: Int] = [:]
  /// The tokens that are recognised as a whole: those of the second table in what the first leaves.
  private(set) var specialTokens = [SpecialTokens(), SpecialTokens()]
  /// The tokens that are recognised as a whole, by the bytes that they would be as normal ones.
  private var specialByBytes: [[UInt8]: Int] = [:]
  /// The merges.
  private(set) var merges = MergeTable()
  /// The control tokens by what they are written as.
  private(set) var controlTokens: [String: Int] = [:]

  /// The most bytes of a token that is recognised as a whole: it is looked for at every place of a text, so that a long one
  /// that nearly stands there, again and again, would take that many times as long as the text.
  static let greatestSpecial = 1024

  /// Reads the vocabulary.
  ///
  /// - Throws: `ModelError` when the lists contradict each other.
  package init(tokens: [String], types: [Int]?, merges mergeTexts: [String], file: String) throws(ModelError) {
    try self.init(tokens: tokens, types: types, added: [], merges: mergeTexts, file: file)
  }

  /// Reads the vocabulary, and `added` on top of it; an added token may stand in the vocabulary as well.
  ///
  /// - Precondition: the numbers of added tokens are below the number of `tokens`.
  /// - Throws: `ModelError` when the lists contradict each other.
  init(
    tokens: [String], types: [Int]?, added: [AddedToken], merges mergeTexts: [String], file: String
  ) throws(ModelError) {
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
    for token in added { try recognise(token, isInVocabulary: tokens[token.id] == token.text, fault) }
    for (bytes, id) in specialByBytes where idByBytes[bytes] == nil { idByBytes[bytes] = id }
    for (index, text) in mergeTexts.enumerated() {
      guard let merge = merge(text) else {
        throw fault("merge \(index), \(ModelError.quoted(text)), is not two tokens that join into a third")
      }
      merges.append(left: merge.left, right: merge.right, result: merge.result)
    }
  }

  private mutating func append(
    _ text: String, _ type: TokenType, _ fault: (String) -> ModelError
  ) throws(ModelError) {
    let id = tokenBytes.count
    switch type {
    case .normal, .unused, .byte:
      guard let bytes = ByteAlphabet.bytes(of: text) else {
        // No text leads to a token outside the alphabet (vocabularies are padded with such); it stands for itself.
        tokenBytes.append(Array(text.utf8))
        break
      }
      tokenBytes.append(bytes)
      guard idByBytes.updateValue(id, forKey: bytes) == nil else {
        throw fault("token \(id), \(ModelError.quoted(text)), stands in the vocabulary twice")
      }
    case .unknown, .control, .userDefined:
      try expectReasonable(text, id, fault)
      tokenBytes.append(Array(text.utf8))
      specialTokens[0].insert(text.utf8, token: id, isControl: type != .userDefined)
      if type == .control { controlTokens[text] = id }
      if let bytes = ByteAlphabet.bytes(of: text) { specialByBytes[bytes] = id }
    }
    isSpecial.append(type == .control || type == .unknown)
  }

  private func expectReasonable(_ text: String, _ id: Int, _ fault: (String) -> ModelError) throws(ModelError) {
    guard text.utf8.count <= Self.greatestSpecial else {
      throw fault(
        "token \(id), \(ModelError.quoted(text)), is recognised as a whole and has \(text.utf8.count) bytes, more than "
          + "\(Self.greatestSpecial)")
    }
  }

  private mutating func recognise(
    _ token: AddedToken, isInVocabulary: Bool, _ fault: (String) -> ModelError
  ) throws(ModelError) {
    try expectReasonable(token.text, token.id, fault)
    // A token of the vocabulary stands for the bytes that it writes, however a text leads to it.
    if !isInVocabulary { tokenBytes[token.id] = Array(token.text.utf8) }
    isSpecial[token.id] = token.isControl
    specialTokens[token.isLate ? 1 : 0].insert(
      token.text.utf8, token: token.id, isControl: token.isControl, takesSpace: token.takesSpace)
    if token.isControl { controlTokens[token.text] = token.id }
  }

  /// The merge that `text` writes as two tokens with a space between them; a space can also begin the first.
  private func merge(_ text: String) -> (left: Int32, right: Int32, result: Int32)? {
    let view = text.unicodeScalars
    guard let space = view.dropFirst().firstIndex(of: " "),
      let left = ByteAlphabet.bytes(of: String(view[..<space])),
      let right = ByteAlphabet.bytes(of: String(view[view.index(after: space)...])),
      let leftID = idByBytes[left], let rightID = idByBytes[right], let result = idByBytes[left + right]
    else { return nil }
    return (Int32(leftID), Int32(rightID), Int32(result))
  }
}
