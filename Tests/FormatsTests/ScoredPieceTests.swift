import PlumbFormats
import Testing

/// SentencePiece's byte pairs in a GGUF file, beside SentencePiece itself (`Tests/Fixtures/scored_pieces.py`).
@Suite struct ScoredPieceTests {
  private static func writer() throws -> GGUFWriter {
    var (tokens, types, scores) = ([String](), [Int32](), [Float]())
    for line in try Fixture.lines("scored-pieces.txt") {
      let columns = line.split(separator: " ", maxSplits: 2)
      types.append(try #require(Int32(columns[0])))
      scores.append(try #require(Float(columns[1])))
      tokens.append(try Fixture.unescaped(columns[2].dropFirst()))
    }
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("llama"))
    writer.set("tokenizer.ggml.tokens", .strings(tokens))
    writer.set("tokenizer.ggml.token_type", .int32s(types))
    writer.set("tokenizer.ggml.scores", .float32s(scores))
    return writer
  }

  @Test func tokensAreThoseOfSentencePiece() throws {
    var writer = try Self.writer()
    writer.set("tokenizer.ggml.add_bos_token", .bool(false))
    let tokenizer = try writer.read().tokenizer()
    var compared = 0
    for line in try Fixture.lines("scored-pieces-cases.txt") {
      let columns = line.dropFirst().split(separator: "\t", omittingEmptySubsequences: false)
      let text = try Fixture.unescaped(columns[0])
      // Behind a user's token llama.cpp, and so a GGUF file, has a space that SentencePiece has not; that is held below.
      if text.contains("<tool>") { continue }
      let tokens = try tokenizer.encode(text)
      #expect(tokens == columns[1].split(separator: " ").compactMap { Int($0) }, "\(columns[0])")
      #expect(tokenizer.text(of: tokens) == " " + text.replacing("\u{2581}", with: " "))
      compared += 1
    }
    #expect(compared > 150)
  }

  /// The rules of llama.cpp: a token begins a text, and each stretch between whole tokens begins with a space.
  @Test func stretchesBeginWithASpace() throws {
    var writer = try Self.writer()
    let tokenizer = try writer.read().tokenizer()
    let (space, tool) = (try tokenizer.encode("", parseSpecial: true), 3)
    #expect(space == [1] && tokenizer.isSpecial(1) && !tokenizer.isSpecial(tool))
    let server = Array(try tokenizer.encode("server").dropFirst())
    #expect(try tokenizer.encode("<tool>server<s>server") == [1, tool] + server + [1] + server)
    #expect(tokenizer.text(of: server) == " server")
    #expect(try tokenizer.encode("<s>", parseSpecial: false).count > 2)
    writer.set("tokenizer.ggml.add_space_prefix", .bool(false))
    writer.set("tokenizer.ggml.add_eos_token", .bool(true))
    let bare = try writer.read().tokenizer()
    #expect(try bare.encode(" server") == [1] + server + [2])
    #expect(bare.endOfText.isEmpty)
    writer.set("tokenizer.ggml.eos_token_id", .uint32(2))
    #expect(try writer.read().tokenizer().endOfText == [2])
  }

  /// In a model that is called Phi-3 tokens take the white space behind them, but for those that begin a text.
  @Test func tokensOfPhi3TakeTheSpaceBehind() throws {
    var writer = try Self.writer()
    let server = Array(try writer.read().tokenizer().encode("server").dropFirst())
    writer.set("general.name", .string("Phi-3 mini"))
    let tokenizer = try writer.read().tokenizer()
    #expect(try tokenizer.encode("<tool> \n server") == [1, 3] + server)
    #expect(try tokenizer.encode("<s> server") != [1, 1] + server)
  }

  /// The rule in words, over drawn vocabularies with equal scores: of the neighbours that spell a piece, the greatest score, then the
  /// leftmost.
  @Test(arguments: 0..<40) func theQueueDoesWhatTheRuleSays(_ seed: UInt64) throws {
    var random = Random(state: seed)
    var pieces = ["a", "b"]
    for _ in 0..<60 where pieces.count < 20 {
      let piece = (0...random.below(5) + 1).map { _ in random.below(2) == 0 ? "a" : "b" }.joined()
      if !pieces.contains(piece) { pieces.append(piece) }
    }
    let scores = pieces.map { _ in Float(random.below(8)) }
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("llama"))
    writer.set("tokenizer.ggml.tokens", .strings(pieces))
    writer.set("tokenizer.ggml.scores", .float32s(scores))
    writer.set("tokenizer.ggml.add_bos_token", .bool(false))
    writer.set("tokenizer.ggml.add_space_prefix", .bool(false))
    let tokenizer = try writer.read().tokenizer()
    for length in 0..<24 {
      let text = (0..<length).map { _ in random.below(2) == 0 ? "a" : "b" }
      var symbols = text
      while true {
        let found = zip(symbols, symbols.dropFirst()).map { pieces.firstIndex(of: $0 + $1).map { scores[$0] } }
        guard let best = found.compactMap(\.self).max(), let place = found.firstIndex(of: best) else { break }
        symbols.replaceSubrange(place...place + 1, with: [symbols[place] + symbols[place + 1]])
      }
      #expect(try tokenizer.encode(text.joined()).map { pieces[$0] } == symbols, "seed \(seed), \(text.joined())")
    }
  }

  /// A hundred thousand equal letters take no square of that, and a byte without a token is named.
  @Test(.timeLimit(.minutes(5))) func longRunsAndMissingBytes() throws {
    let tokens = ["a", "aa", "aaaa", "aaaaaaaa"]
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("llama"))
    writer.set("tokenizer.ggml.tokens", .strings(tokens))
    writer.set("tokenizer.ggml.scores", .float32s([0, -1, -2, -3]))
    writer.set("tokenizer.ggml.add_bos_token", .bool(false))
    writer.set("tokenizer.ggml.add_space_prefix", .bool(false))
    let tokenizer = try writer.read().tokenizer()
    #expect(
      try tokenizer.encode(String(repeating: "a", count: 100_003)) == [Int](repeating: 3, count: 12_500) + [1, 0])
    #expect(throws: TokenizerError.noTokenForByte(0xc3, offset: 1)) { try tokenizer.encode("a\u{e9}") }
  }
}
