import Foundation
import Testing

@testable import PlumbFormats

/// A tokenizer that composes characters first, beside Hugging Face's own (`Tests/Fixtures/composed_tokens.py`).
@Suite struct ComposedTokenizerTests {
  private static func bytes() throws -> [UInt8] {
    try Array(Fixture.lines("composed-tokenizer.json").joined(separator: "\n").utf8)
  }

  private static func tokenizer(_ bytes: [UInt8]) throws -> BPETokenizer {
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

  /// A token that is looked for in composed text must be composed itself; other normalizers are refused by name.
  @Test(arguments: [
    (#""type":"NFC""#, #""type":"NFKC""#, "'NFKC'"), (#"caf\u00e9"#, #"cafe\u0301"#, "NFC would change it"),
  ]) func whatIsNotComputedIsRefused(_ old: String, _ new: String, _ word: String) throws {
    let text = String(decoding: try Self.bytes(), as: UTF8.self).replacingOccurrences(of: "\": \"", with: "\":\"")
    let changed = text.replacingOccurrences(of: old, with: new)
    #expect(changed != text)
    do {
      _ = try Self.tokenizer(Array(changed.utf8))
      Issue.record("it was read")
    } catch { #expect("\(error)".contains(word), "\(error)") }
  }
}
