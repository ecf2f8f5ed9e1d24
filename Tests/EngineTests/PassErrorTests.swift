import PlumbEngine
import PlumbModel
import Testing

@Suite struct PassErrorTests {
  private func pass() throws -> Engine.Pass {
    var random = SplitMix64(seed: 61)
    return try Engine.Pass(random.transformer(Sizes()), threads: 2)
  }

  @Test func `no tokens`() throws {
    #expect(throws: Engine.PassError.noTokens) { try pass().append([]) }
  }

  @Test(arguments: [-1, 50, Int.max, Int.min]) func `a token outside the vocabulary`(_ token: Int) throws {
    let error = #expect(throws: Engine.PassError.self) { try pass().append([3, token]) }
    #expect(error == .unknownToken(token, index: 1, vocabularySize: 50))
    #expect(error?.description == "token \(token) at place 1 is not in the vocabulary: use ids from 0 to 49")
  }

  @Test func `more tokens than the context holds, and the pass goes on as before`() throws {
    let (pass, other) = (try pass(), try pass())
    try pass.append([1, 2, 3])
    let error = #expect(throws: Engine.PassError.self) { try pass.append([Int](repeating: 5, count: 62)) }
    #expect(error == .contextExceeded(tokens: 62, present: 3, contextLength: 64))
    #expect(error?.description.hasSuffix("exceed the model's context of 64: shorten by 1") == true)
    #expect(
      bits(try pass.append([Int](repeating: 5, count: 61)))
        == bits(try other.append([1, 2, 3] + Array(repeating: 5, count: 61))))
    #expect(pass.tokens.count == 64)
    #expect(throws: Engine.PassError.contextExceeded(tokens: 1, present: 64, contextLength: 64)) {
      try pass.append([1])
    }
  }

  @Test func `tensors that do not fit together`() {
    var random = SplitMix64(seed: 62)
    let good = random.transformer(Sizes())
    let bad = Transformer(
      name: good.name, contextLength: 8, stem: good.stem, blocks: good.blocks,
      head: Head(
        norm: .rms(RMSNormLayer(weight: random.tensor("final-norm", .f32, [39]), epsilon: 0)),
        unembedding: good.head.unembedding))
    let error = #expect(throws: Engine.PassError.self) { try Engine.Pass(bad) }
    #expect(error?.description.contains("'final-norm' has shape [39], expected [40]") == true)
  }

  @Test func `a cancelled task stops between chunks and keeps what was read`() async throws {
    var random = SplitMix64(seed: 63)
    let transformer = random.transformer(Sizes(), contextLength: 2000)
    let task = Task {
      while !Task.isCancelled { await Task.yield() }
      let pass = try Engine.Pass(transformer, threads: 1)
      let error = #expect(throws: Engine.PassError.cancelled) { try pass.append([Int](repeating: 1, count: 600)) }
      return (error, pass.tokens.count)
    }
    task.cancel()
    let (error, count) = try await task.value
    #expect(error == .cancelled && count == 512)
  }
}
