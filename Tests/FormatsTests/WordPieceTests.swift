import Foundation
import Testing

@testable import PlumbFormats

/// WordPiece tokenizers beside Hugging Face's own (`Tests/Fixtures/wordpiece_tokens.py`).
@Suite struct WordPieceTests {
  private static func tokenizer(_ name: String) throws -> any Tokenizer {
    let bytes = try Array(Fixture.lines(name).joined(separator: "\n").utf8)
    return try HuggingFaceTokenizer(bytes, file: name, configuration: nil, "tokenizer_config.json")
      .tokenizer(vocabularySize: 256, endOfText: [])
  }

  @Test func tokensAreThoseOfTokenizers() throws {
    let tokenizers = [
      try Self.tokenizer("wordpiece-tokenizer.json"), try Self.tokenizer("wordpiece-cased-tokenizer.json"),
    ]
    var compared = 0
    for line in try Fixture.lines("wordpiece-cases.txt") {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      let text = try Fixture.unescaped(columns[0])
      for (tokenizer, column) in zip(tokenizers, columns.dropFirst()) {
        let tokens = try tokenizer.encode(text, parseSpecial: true)
        #expect(tokens == column.split(separator: " ").compactMap { Int($0) }, "\(columns[0])")
        compared += 1
      }
    }
    #expect(compared >= 600)
  }

  /// Every character there is, by the classes that the library has from an older Unicode.
  @Test func classesAreThoseOfTokenizers() throws {
    var classes: [Substring: Set<UInt32>] = [:]
    for line in try Fixture.lines("bert-classes.txt") {
      let words = line.split(separator: " ")
      for run in words.dropFirst() {
        let ends = run.split(separator: "-").compactMap { UInt32($0, radix: 16) }
        classes[words[0], default: []].formUnion(ends[0]...ends[1])
      }
    }
    let own: [(Substring, (Unicode.Scalar) -> Bool)] = [
      ("dropped", BertNormalizer.isDropped), ("punctuation", BertNormalizer.isPunctuation),
      ("accents", { BertNormalizer.isAccent($0) && !Self.isComposed($0) }),
    ]
    // The other planes have no characters, or private ones alone.
    let scalars = [0..<0x33480, 0xe0000..<0xe0200, 0xf0000..<0xf0010, 0x10fff0..<0x110000]
      .flatMap { $0.compactMap { Unicode.Scalar(UInt32($0)) } }
    for (name, isOne) in own {
      let expected = try #require(classes[name]).intersection(scalars.map(\.value))
      let found = Set(scalars.filter(isOne).map(\.value))
      let wrong = found.symmetricDifference(expected).sorted().map { String($0, radix: 16) }
      #expect(wrong.isEmpty, "\(name): \(wrong.count), \(wrong.prefix(60))")
    }
  }

  private static func isComposed(_ scalar: Unicode.Scalar) -> Bool {
    !String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars.elementsEqual([scalar])
  }

  /// A token within a word stands for its letters, another for the space before it too.
  @Test func tokensStandForTheirLetters() throws {
    let tokenizer = try Self.tokenizer("wordpiece-tokenizer.json")
    let tokens = try tokenizer.encode("Server rooms[MASK]", parseSpecial: true)
    #expect(tokenizer.text(of: tokens) == "[CLS] server rooms[MASK][SEP]")
    #expect(tokens.map(tokenizer.isSpecial) == [true, false, false, false, true, true])
    #expect(tokenizer.bytes(of: -1).isEmpty && tokenizer.bytes(of: 1_000_000).isEmpty)
  }
}
