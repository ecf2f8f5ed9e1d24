/// Bytes for tokens: token n is the byte n.
package struct ByteTokenizer: Tokenizer {
  /// Makes the tokenizer.
  package init() {}

  /// 256.
  package var vocabularySize: Int { 256 }
  /// Empty: any byte may be followed by another.
  package var endOfText: Set<Int> { [] }

  /// The bytes of the UTF-8 of `text`; never throws.
  package func encode(_ text: String, parseSpecial: Bool) throws(TokenizerError) -> [Int] { text.utf8.map(Int.init) }

  /// The byte itself.
  package func bytes(of token: Int) -> [UInt8] { UInt8(exactly: token).map { [$0] } ?? [] }

  /// False: every token is text.
  package func isSpecial(_ token: Int) -> Bool { false }
}
