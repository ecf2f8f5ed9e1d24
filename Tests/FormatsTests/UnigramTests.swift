import Foundation
import Testing

@testable import PlumbFormats

/// Unigram tokenizers beside Hugging Face's own (`Tests/Fixtures/unigram_tokens.py`).
@Suite struct UnigramTests {
  private static let names = ["unigram-old-tokenizer.json", "unigram-tokenizer.json"]

  private static func tokenizer(_ text: String) throws -> any Tokenizer {
    try HuggingFaceTokenizer(Array(text.utf8), file: "tokenizer.json", configuration: nil, "tokenizer_config.json")
      .tokenizer(vocabularySize: 128, endOfText: [])
  }

  private static func text(_ name: String) throws -> String { try Fixture.lines(name).joined(separator: "\n") }

  @Test func tokensAreThoseOfTokenizers() throws {
    let tokenizers = try Self.names.map { try Self.tokenizer(Self.text($0)) }
    var compared = 0
    for line in try Fixture.lines("unigram-cases.txt") {
      let columns = line.dropFirst().split(separator: "\t", omittingEmptySubsequences: false)
      let text = try Fixture.unescaped(columns[0])
      for (tokenizer, column) in zip(tokenizers, columns.dropFirst()) {
        let tokens = try tokenizer.encode(text, parseSpecial: true)
        #expect(tokens == column.split(separator: " ").compactMap { Int($0) }, "\(columns[0])")
        compared += 1
      }
    }
    #expect(compared >= 640)
  }

  @Test func tokensStandForTheirLetters() throws {
    let tokenizer = try Self.tokenizer(Self.text(Self.names[1]))
    let tokens = try tokenizer.encode("the server room", parseSpecial: true)
    #expect(tokenizer.text(of: tokens) == "<s> the server room</s>")
    #expect(tokens.map(tokenizer.isSpecial) == [true, false, false, false, true])
    #expect(tokenizer.bytes(of: -1).isEmpty && tokenizer.bytes(of: 1_000_000).isEmpty)
  }

  /// A map of any bytes is read or refused, and maps any text.
  @Test func damagedMapsDoNotTrap() throws {
    var random = SystemRandomNumberGenerator()
    for seed in 0..<300 {
      let count = seed % 40
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      if count >= 8 { bytes.replaceSubrange(0..<4, with: [UInt8((count - 4) / 4 * 4), 0, 0, 0]) }
      let map = CharacterMap(bytes)
      for text in ["a\u{300}ﬁ株 e", "\0a\0"] {
        _ = map?.mapped(text)
        _ = map?.mappedByRuns(text)
      }
    }
  }

  @Test(arguments: [
    (#""unk_id": 3"#, #""unk_id": 400"#, "unk_id"),
    (#""Precompiled""#, #""Nmt""#, "Nmt"), (#""Metaspace""#, #""UnicodeScripts""#, "UnicodeScripts"),
    (#""first""#, #""last""#, "prepend_scheme"),
    (#""precompiled_charsmap": ""#, #""precompiled_charsmap": "////"#, "charsmap"),
    (#"["<pad>", 0.0]"#, #"["<pad>"]"#, "no score"), (#"["<pad>", 0.0]"#, #"["<pad>", "x"]"#, "no score"),
  ]) func whatIsNotComputedIsRefused(_ old: String, _ new: String, _ word: String) throws {
    let text = try Self.text(Self.names[1])
    #expect(text.contains(old))
    let error = #expect(throws: ModelError.self) { _ = try Self.tokenizer(text.replacing(old, with: new)) }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }
}
