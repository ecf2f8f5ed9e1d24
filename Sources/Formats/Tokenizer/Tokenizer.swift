/// Turns text into tokens, and tokens back into bytes.
package protocol Tokenizer: Sendable {
  /// The number of tokens.
  var vocabularySize: Int { get }
  /// The tokens after which a model has nothing more to say.
  var endOfText: Set<Int> { get }

  /// The tokens of `text`, with whatever the model wants in front of and behind every text.
  ///
  /// - Parameter parseSpecial: whether control tokens that are spelled out in `text`, such as `<|im_start|>`, become
  ///   those tokens.
  /// - Throws: `TokenizerError` when the vocabulary has no token for a byte of the text.
  func encode(_ text: String, parseSpecial: Bool) throws(TokenizerError) -> [Int]

  /// The bytes that `token` stands for: none for a token outside the vocabulary.
  ///
  /// One token may hold part of a character; `UTF8Stream` puts them together.
  func bytes(of token: Int) -> [UInt8]

  /// Whether `token` is a control token: one that steers the model and is no text.
  func isSpecial(_ token: Int) -> Bool
}

extension Tokenizer {
  /// The tokens of `text`, control tokens parsed.
  ///
  /// - Throws: `TokenizerError` when the vocabulary has no token for a byte of the text.
  package func encode(_ text: String) throws(TokenizerError) -> [Int] { try encode(text, parseSpecial: true) }

  /// The bytes that `tokens` stand for.
  package func bytes(of tokens: [Int]) -> [UInt8] { tokens.flatMap { bytes(of: $0) } }

  /// The text that `tokens` stand for; what is not UTF-8 becomes U+FFFD.
  package func text(of tokens: [Int]) -> String { String(decoding: bytes(of: tokens), as: UTF8.self) }
}

/// The reason why a text cannot be turned into tokens.
package enum TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The vocabulary has no token for `byte`, which stands at `offset` in the UTF-8 of the text.
  case noTokenForByte(UInt8, offset: Int)
  /// The expression by which the tokenizer cuts a text takes more steps on it than any should.
  case tooManySteps(pattern: String)
  /// The tokenizer's normalizer makes more than so many bytes of the text.
  case growsTooLong(bytes: Int)
  /// The model's tokenizer cannot be read, for the given reason.
  case unreadable(String)

  /// One line: what is wrong, where, what to do.
  package var description: String {
    switch self {
    case .noTokenForByte(let byte, let offset):
      "the vocabulary has no token for the byte \(byte) at offset \(offset) of the text; use another text or model"
    case .tooManySteps(let pattern):
      "the tokenizer's expression \(ModelError.quoted(pattern)) takes too many steps on the text; give the prompt as token numbers"
    case .growsTooLong(let bytes):
      "the tokenizer's normalizer makes more than \(bytes) bytes of the text; give the prompt as token numbers"
    case .unreadable(let reason): "there is no tokenizer (\(reason)); give the prompt as token numbers"
    }
  }

  /// The reason, of which an offset begins `offset` bytes further right.
  func moved(by offset: Int) -> TokenizerError {
    guard case .noTokenForByte(let byte, let place) = self else { return self }
    return .noTokenForByte(byte, offset: max(place + offset, 0))
  }
}
