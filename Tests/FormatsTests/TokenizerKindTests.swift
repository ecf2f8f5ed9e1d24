import Foundation
import Testing

@testable import PlumbFormats

/// Every kind of part of a `tokenizer.json` beside Hugging Face's own (`Tests/Fixtures/tokenizer_kinds.py`).
@Suite struct TokenizerKindTests {
  /// The tokenizers by their kind, each as a file.
  ///
  /// The parts are put together as text: a dictionary of strings holds two spellings of one character as one.
  private static let files: [String: String] = {
    var (models, files) = ([String: String](), [String: String]())
    for line in (try? Fixture.lines("tokenizers.json")) ?? [] {
      guard line.hasPrefix("\""), let end = line.range(of: "\": ") else { continue }
      let name = String(line[..<end.lowerBound].dropFirst())
      let value = line.hasSuffix(",") ? line[end.upperBound...].dropLast() : line[end.upperBound...]
      guard let place = value.range(of: #""model": ""#) else {
        models[name] = String(value)
        continue
      }
      models["whole"] = models["bytes"]?.replacing(#""ignore_merges": false"#, with: #""ignore_merges": true"#)
      models["joined"] = models["marked"]?.replacing(#""fuse_unk": false"#, with: #""fuse_unk": true"#)
      let model = models[String(value[place.upperBound...].dropLast(2))] ?? "null"
      files[name] = value[..<place.lowerBound] + #""model": "# + model + "}"
    }
    return files
  }()

  private static func tokenizer(_ kind: String) throws -> TextTokenizer {
    try HuggingFaceTokenizer(Array(#require(files[kind]).utf8), file: kind, configuration: nil, "tokenizer_config.json")
      .tokenizer(vocabularySize: 2048, endOfText: [])
  }

  @Test func tokensAreThoseOfTokenizers() throws {
    var tokenizers: [Substring: TextTokenizer] = [:]
    var compared = 0
    for line in try Fixture.lines("tokenizers-cases.txt") {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      let tokenizer = try tokenizers[columns[0]] ?? Self.tokenizer(String(columns[0]))
      tokenizers[columns[0]] = tokenizer
      let text = try Fixture.unescaped(columns[1].dropFirst())
      let tokens = try tokenizer.encode(text, parseSpecial: true)
      #expect(tokens == columns[2].split(separator: " ").compactMap { Int($0) }, "\(columns[0]) \(columns[1])")
      compared += 1
    }
    #expect(tokenizers.count == Self.files.count && tokenizers.count == 55 && compared == 55 * 24)
  }

  /// The tokens of a text are the text again, but for a space in front, where characters fall back to bytes.
  @Test(arguments: ["llama3", "deepseek-v3", "whole", "legacy", "metaspace-always", "metaspace-first", "gemma"])
  func tokensStandForTheirText(_ kind: String) throws {
    let tokenizer = try Self.tokenizer(kind)
    for text in ["the server room", " two  spaces\n\n", "zq\u{1f600}\u{e2a}\u{300}", "12 \u{4f60}\u{597d}"] {
      let tokens = try tokenizer.encode(text).filter { !tokenizer.isSpecial($0) }
      let (found, expected) = (tokenizer.bytes(of: tokens), Array(text.utf8))
      #expect(found == expected || found == [UInt8(ascii: " ")] + expected, "\(kind) \(text)")
      var stream = UTF8Stream()
      let streamed = tokens.map { stream.append(tokenizer.bytes(of: $0)) }.joined() + stream.finish()
      #expect(Array(streamed.utf8) == found)
    }
  }

  /// A normalizer that makes sixteen of each letter again and again is stopped.
  @Test(.timeLimit(.minutes(5))) func aTextDoesNotGrowBeyondMemory() throws {
    let sixteen = String(repeating: "e", count: 16)
    let grow = #"{"type": "Replace", "pattern": {"String": "e"}, "content": "\#(sixteen)"}"#
    let steps = Array(repeating: grow, count: 60).joined(separator: ", ")
    let text = try #require(Self.files["gemma"])
    let old = #""normalizer": {"#
    #expect(text.contains(old))
    let normalizer = #""normalizer": {"type": "Sequence", "normalizers": [\#(steps)]}, "unused": {"#
    let tokenizer = try HuggingFaceTokenizer(
      Array(text.replacing(old, with: normalizer).utf8), file: "tokenizer.json", configuration: nil, "beside"
    ).tokenizer(vocabularySize: 2048, endOfText: [])
    #expect(throws: TokenizerError.growsTooLong(bytes: 64 * 5 + (1 << 20))) { try tokenizer.encode("the e") }
  }

  /// A part that is not known is refused by its name.
  @Test(arguments: [
    ("legacy", #""Prepend""#, #""Nmt""#, "normalizer is 'Nmt'"),
    ("gemma", #""Split""#, #""UnicodeScripts""#, "'UnicodeScripts'"),
    ("falcon", "[0-9][0-9][0-9]", "(?<=a)b", "begins with '(?<'"),
    ("falcon", "[0-9][0-9][0-9]", "(a*)*", "may be empty"),
    ("split-removed", #""Removed""#, #""Doubled""#, "behavior is 'Doubled'"),
    ("metaspace-first", #""first""#, #""second""#, "prepend_scheme is 'second'"),
    ("gemma", #""unk_token": "<unk>""#, #""unk_token": "<none>""#, "unk_token is '<none>'"),
    ("gemma", #""end_of_word_suffix": null"#, #""end_of_word_suffix": "</w>""#, "end_of_word_suffix is '</w>'"),
    ("delimiter", #""delimiter": "e""#, #""delimiter": "ee""#, "delimiter is 'ee'"),
  ]) func whatIsNotKnownIsRefused(_ kind: String, _ old: String, _ new: String, _ word: String) throws {
    let text = try #require(Self.files[kind])
    #expect(text.contains(old), "\(kind)")
    let error = #expect(throws: ModelError.self) {
      _ = try HuggingFaceTokenizer(
        Array(text.replacing(old, with: new).utf8), file: "tokenizer.json", configuration: nil, "beside"
      ).tokenizer(vocabularySize: 2048, endOfText: [])
    }
    #expect(error?.description.contains(word) == true, "\(String(describing: error))")
  }
}
