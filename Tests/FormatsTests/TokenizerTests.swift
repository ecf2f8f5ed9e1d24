import Testing

@testable import PlumbFormats

@Suite struct TokenizerTests {
  /// The table that an independent tokenizer made: see the head of the fixture.
  @Test(arguments: ["smollm", "gpt-2", "llama-bpe", "qwen2", "default"])
  func theTableIsMet(_ pre: String) throws {
    let tokenizer = try TinyBPE().writer(pre: pre).read().tokenizer()
    var count = 0
    for line in try Fixture.lines("tiny-bpe-cases.txt") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields[0] == pre else { continue }
      let text = try Fixture.unescaped(fields[1])
      let expected = fields[2].split(separator: " ").compactMap { Int($0) }
      let tokens = try tokenizer.encode(text)
      #expect(tokens == expected, "\(pre): \(fields[1])")
      #expect(tokenizer.bytes(of: tokens) == Array(text.utf8))
      count += 1
    }
    #expect(count == 109)
  }

  /// The pieces that llama.cpp's `default` cuts, by its own order of patterns: punctuation, GPT-2's, numbers, threes of digits.
  @Test(arguments: [
    ("Hello, world!!", ["Hello", ",", " world", "!!"]), ("a $5 b", ["a", " ", "$", "5", " b"]),
    ("12345 67", ["123", "45", " ", "67"]), ("x  y", ["x", " ", " y"]), ("it's", ["it", "'", "s"]),
    ("a\n\n", ["a", "\n\n"]), ("१२३४", ["१२३४"]), ("♥x ♥", ["♥", "x", " ♥"]),
  ])
  func theDefaultPreTokenizerCuts(_ text: String, into pieces: [String]) throws {
    var steps = try #require(PreTokenizer.named("default")).preTokenizer.steps
    // The last step writes the pieces in the alphabet of bytes.
    steps.removeLast()
    var found = TextPieces(text, isFirst: true)
    try PreTokenizer(steps: steps).apply(to: &found)
    #expect(found.ranges.map(found.text.string) == pieces)
  }

  @Test func controlTokensAreParsedOnlyWhenAsked() throws {
    let vocabulary = try TinyBPE()
    let tokenizer = try vocabulary.writer(pre: "smollm").read().tokenizer()
    let end = try #require(vocabulary.id("<|end|>"))
    let tool = try #require(vocabulary.id("<tool>"))
    #expect(try tokenizer.encode("<|end|><tool>", parseSpecial: true) == [end, tool])
    let plain = try tokenizer.encode("<|end|><tool>", parseSpecial: false)
    #expect(!plain.contains(end) && plain.last == tool)
    #expect(tokenizer.text(of: plain) == "<|end|><tool>")
    #expect(tokenizer.isSpecial(end) && !tokenizer.isSpecial(tool) && !tokenizer.isSpecial(0))
    #expect(!tokenizer.isSpecial(-1) && tokenizer.bytes(of: -1) == [] && tokenizer.bytes(of: 1 << 40) == [])
  }

  @Test func beginningEndAndSpaceAreAdded() throws {
    let vocabulary = try TinyBPE()
    var writer = vocabulary.writer(pre: "smollm")
    let begin = try #require(vocabulary.id("<|begin|>"))
    let end = try #require(vocabulary.id("<|end|>"))
    writer.set("tokenizer.ggml.add_bos_token", .bool(true))
    writer.set("tokenizer.ggml.add_eos_token", .bool(true))
    writer.set("tokenizer.ggml.bos_token_id", .uint32(UInt32(begin)))
    writer.set("tokenizer.ggml.eos_token_id", .uint32(UInt32(end)))
    #expect(try writer.read().tokenizer().encode("a") == [begin, 97, end])
    writer.set("tokenizer.ggml.add_space_prefix", .bool(true))
    let spaced = try writer.read().tokenizer()
    #expect(try spaced.encode("The") == (try spaced.encode(" The")))
    #expect(spaced.text(of: try spaced.encode("The").dropFirst().dropLast()) == " The")
    #expect(spaced.endOfText == [end])
  }

  @Test func llama3BeginsEveryTextUnlessToldOtherwise() throws {
    let vocabulary = try TinyBPE()
    var writer = vocabulary.writer(pre: "llama-bpe")
    writer.set("tokenizer.ggml.add_bos_token", nil)
    writer.set("tokenizer.ggml.bos_token_id", .uint32(1))
    #expect(try writer.read().tokenizer().encode("a") == [1, 97])
  }

  @Test func aByteWithoutATokenIsRefusedWhereItStands() throws {
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("gpt2"))
    writer.set("tokenizer.ggml.tokens", .strings(["a", "b"]))
    writer.set("tokenizer.ggml.merges", .strings([]))
    let tokenizer = try writer.read().tokenizer()
    #expect(try tokenizer.encode("abba") == [0, 1, 1, 0])
    #expect(throws: TokenizerError.noTokenForByte(0x63, offset: 3)) { try tokenizer.encode("abbca") }
    writer.set("tokenizer.ggml.add_space_prefix", .bool(true))
    let spaced = try writer.read().tokenizer()
    #expect(throws: TokenizerError.noTokenForByte(0x20, offset: 0)) { try spaced.encode("a") }
  }

  @Test func tokensOutsideTheAlphabetAreNeverMade() throws {
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("gpt2"))
    writer.set("tokenizer.ggml.tokens", .strings([" ", "Ġ", "a", "日", "<pad 1>"]))
    writer.set("tokenizer.ggml.merges", .strings([]))
    let tokenizer = try writer.read().tokenizer()
    #expect(try tokenizer.encode("a a") == [2, 1, 2])
    #expect(throws: TokenizerError.noTokenForByte(0xe6, offset: 0)) { try tokenizer.encode("日") }
    #expect(tokenizer.text(of: [0, 1, 3, 4]) == "  日<pad 1>")
  }

  @Test func bytesAreTheirOwnTokens() throws {
    let tokenizer = ByteTokenizer()
    #expect(try tokenizer.encode("né\0") == [0x6e, 0xc3, 0xa9, 0])
    #expect((0..<256).flatMap { tokenizer.bytes(of: $0) } == Array(UInt8.min...UInt8.max))
    #expect(tokenizer.bytes(of: 256) == [] && tokenizer.bytes(of: -1) == [])
    #expect(tokenizer.endOfText.isEmpty && tokenizer.vocabularySize == 256)
  }
}
