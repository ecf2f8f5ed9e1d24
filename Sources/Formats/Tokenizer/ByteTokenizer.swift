/// Bytes for tokens: token n is the byte n.
public struct ByteTokenizer: Tokenizer {
  /// Makes the tokenizer.
  public init() {}

  /// 256.
  public var vocabularySize: Int { 256 }
  /// Empty: any byte may be followed by another.
  public var endOfText: Set<Int> { [] }

  /// The bytes of the UTF-8 of `text`; never throws.
  public func encode(_ text: String, parseSpecial: Bool) throws(TokenizerError) -> [Int] { text.utf8.map(Int.init) }

  /// The byte itself.
  public func bytes(of token: Int) -> [UInt8] { UInt8(exactly: token).map { [$0] } ?? [] }

  /// False: every token is text.
  public func isSpecial(_ token: Int) -> Bool { false }
}
