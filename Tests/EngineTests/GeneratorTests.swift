import PlumbEngine
import PlumbModel
import Testing

@Suite struct GeneratorTests {
  private func transformer() -> Transformer {
    var random = SplitMix64(seed: 71)
    return random.transformer(Sizes())
  }

  /// Greedy continuation by reading everything anew for each token.
  private func continuation(_ prompt: [Int], _ count: Int) throws -> [Int] {
    var tokens = prompt
    for _ in 0..<count {
      var sampler = Engine.Sampler()
      tokens.append(sampler.sample(try Engine.Pass(transformer()).append(tokens)))
    }
    return Array(tokens.dropFirst(prompt.count))
  }

  @Test func `each token follows from all before it`() throws {
    var generator = Engine.Generator(try Engine.Pass(transformer()), prompt: [4, 9, 2], limit: 12)
    var tokens: [Int] = []
    while let token = try generator.next() { tokens.append(token) }
    #expect(tokens == (try continuation([4, 9, 2], 12)))
    #expect(generator.end == .limit)
    #expect(generator.pass.tokens.count == 14, "the last token need not be read")
    #expect(try generator.next() == nil)
  }

  @Test func `a sequence gives the same tokens`() async throws {
    var tokens: [Int] = []
    for try await token in Engine.generate(transformer(), prompt: [4, 9, 2], limit: 12) { tokens.append(token) }
    #expect(tokens == (try continuation([4, 9, 2], 12)))
  }

  @Test func `the end of the text ends it`() throws {
    let all = try continuation([4, 9, 2], 12)
    let end = try #require(all.last)
    var generator = Engine.Generator(try Engine.Pass(transformer()), prompt: [4, 9, 2], endsOfText: [end])
    var tokens: [Int] = []
    while let token = try generator.next() { tokens.append(token) }
    #expect(tokens == Array(all.prefix { $0 != end }))
    #expect(generator.end == .endOfText(end))
  }

  @Test func `a full context ends it`() throws {
    var generator = Engine.Generator(try Engine.Pass(transformer()), prompt: Array(repeating: 1, count: 60))
    var count = 0
    while try generator.next() != nil { count += 1 }
    #expect(count == 5 && generator.end == .context)
  }

  @Test func `a bad prompt is an error`() {
    #expect(throws: Engine.PassError.noTokens) {
      var generator = Engine.Generator(try Engine.Pass(transformer()), prompt: [])
      _ = try generator.next()
    }
  }

  @Test func `cancellation ends it`() async throws {
    let transformer = transformer()
    let task = Task {
      var count = 0
      for try await _ in Engine.generate(transformer, prompt: [1]) {
        count += 1
        if count == 3 { withUnsafeCurrentTask { unsafe $0?.cancel() } }
      }
    }
    await #expect(throws: Engine.PassError.cancelled) { try await task.value }
  }
}
