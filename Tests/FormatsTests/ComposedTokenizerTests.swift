import Foundation
import Testing

@testable import PlumbFormats

/// A tokenizer that composes characters first, beside Hugging Face's own (`Tests/Fixtures/composed_tokens.py`).
@Suite struct ComposedTokenizerTests {
  private static func bytes() throws -> [UInt8] {
    try Array(Fixture.lines("composed-tokenizer.json").joined(separator: "\n").utf8)
  }

  private static func tokenizer(_ bytes: [UInt8]) throws -> TextTokenizer {
    try HuggingFaceTokenizer(bytes, file: "tokenizer.json", configuration: nil, "tokenizer_config.json")
      .tokenizer(vocabularySize: 512, endOfText: [])
  }

  @Test func tokensAreThoseOfTokenizers() throws {
    let tokenizer = try Self.tokenizer(Self.bytes())
    var compared = 0
    for line in try Fixture.lines("composed-cases.txt") {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      let text = try Fixture.unescaped(columns[0])
      let expected = columns[1].split(separator: " ").compactMap { Int($0) }
      let tokens = try tokenizer.encode(text, parseSpecial: true)
      #expect(tokens == expected, "\(columns[0])")
      compared += 1
    }
    #expect(compared >= 400)
  }

  /// A token that is looked for in composed text is composed itself; a normalizer that is not known is refused by name.
  @Test func anAddedTokenIsNormalized() throws {
    let text = String(decoding: try Self.bytes(), as: UTF8.self)
    let changed = text.replacingOccurrences(of: #"caf\u00e9"#, with: #"cafe\u0301"#)
    #expect(changed != text)
    let tokenizer = try Self.tokenizer(Array(changed.utf8))
    #expect(try tokenizer.encode("caf\u{e9}") == tokenizer.encode("cafe\u{301}"))
    #expect(try tokenizer.encode("caf\u{e9}").count == 1)
  }

  @Test func whatIsNotComputedIsRefused() throws {
    let text = String(decoding: try Self.bytes(), as: UTF8.self).replacingOccurrences(of: "\": \"", with: "\":\"")
    let changed = text.replacingOccurrences(of: #""type":"NFC""#, with: #""type":"Nmt""#)
    #expect(changed != text)
    let error = #expect(throws: ModelError.self) { _ = try Self.tokenizer(Array(changed.utf8)) }
    #expect(error?.description.contains("'Nmt'") == true)
  }
}
