/// The place of a tokenizer that cannot be read: it knows no text, only how many tokens there are.
struct UnreadableTokenizer: Tokenizer {
  let vocabularySize: Int
  let endOfText: Set<Int>
  /// The reason why it cannot be read.
  let reason: ModelError

  func encode(_ text: String, parseSpecial: Bool) throws(TokenizerError) -> [Int] {
    throw .unreadable("\(reason)")
  }

  /// The token's number in angle brackets.
  func bytes(of token: Int) -> [UInt8] { Array("<\(token)>".utf8) }

  func isSpecial(_ token: Int) -> Bool { false }
}
