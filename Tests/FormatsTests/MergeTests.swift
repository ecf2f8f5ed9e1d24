import PlumbFormats
import Testing

@Suite struct MergeTests {
  /// The algorithm as its paper states it: find the best pair of neighbours, join it, begin again.
  private func merged(_ text: [UInt8], by merges: [String: Int]) -> [String] {
    var symbols = text.map { String(Unicode.Scalar($0)) }
    while true {
      let pairs = zip(symbols, symbols.dropFirst()).map { merges["\($0) \($1)"] }
      guard let best = pairs.compactMap(\.self).min(), let place = pairs.firstIndex(of: best) else { return symbols }
      symbols.replaceSubrange(place...place + 1, with: [symbols[place] + symbols[place + 1]])
    }
  }

  /// Vocabularies drawn at random over two letters, where merges overlap and overtake each other most.
  @Test(arguments: 0..<40) func theQueueDoesWhatThePaperSays(_ seed: UInt64) throws {
    var random = Random(state: seed)
    var tokens = ["a", "b"]
    var merges: [String] = []
    while merges.count < 24 {
      let (left, right) = (tokens[random.below(tokens.count)], tokens[random.below(tokens.count)])
      guard left.count + right.count <= 9, !merges.contains("\(left) \(right)") else { continue }
      merges.append("\(left) \(right)")
      if !tokens.contains(left + right) { tokens.append(left + right) }
    }
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("gpt2"))
    writer.set("tokenizer.ggml.tokens", .strings(tokens))
    writer.set("tokenizer.ggml.merges", .strings(merges))
    let tokenizer = try writer.read().tokenizer()
    let ranks = Dictionary(uniqueKeysWithValues: zip(merges, 0...))
    for length in 0..<30 {
      let text = (0..<length).map { _ in UInt8(ascii: random.below(2) == 0 ? "a" : "b") }
      let found = try tokenizer.encode(String(decoding: text, as: UTF8.self)).map { tokens[$0] }
      #expect(found == merged(text, by: ranks), "seed \(seed), merges \(merges)")
    }
  }

  /// Ten thousand letters that keep merging; quadratic work would take many minutes in a debug build.
  @Test(.timeLimit(.minutes(5))) func longPiecesAreNearLinear() throws {
    var tokens = ["a"]
    for _ in 0..<12 { tokens.append(tokens[tokens.count - 1] + tokens[tokens.count - 1]) }
    var writer = GGUFWriter()
    writer.set("tokenizer.ggml.model", .string("gpt2"))
    writer.set("tokenizer.ggml.tokens", .strings(tokens))
    writer.set("tokenizer.ggml.merges", .strings(tokens.dropLast().map { "\($0) \($0)" }))
    let text = String(repeating: "a", count: 40_000)
    // 40000 = 9·4096 + 3136, and 3136 = 2048 + 1024 + 64.
    #expect(try writer.read().tokenizer().encode(text) == [Int](repeating: 12, count: 9) + [11, 10, 6])
  }
}

/// A generator for tests: Knuth's MMIX line, of which only the upper bits are used.
struct Random {
  var state: UInt64

  /// A number from 0 up to `bound`.
  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}
