import PlumbEngine
import PlumbModel
import Testing

/// The promise: a sequence gives the bits that it gives alone, whatever the company.
@Suite struct BatchTests {
  /// The logits after each append of `parts` in turn, by a pass of its own.
  private func alone(_ transformer: Transformer, _ parts: [[Int]]) throws -> [[UInt32]?] {
    let pass = try Engine.Pass(transformer, threads: 1)
    return try parts.map { $0.isEmpty ? nil : bits(try pass.append($0)) }
  }

  @Test(arguments: Sizes.all) func `random batches, splits and threads give each sequence's own bits`(
    _ sizes: Sizes
  ) throws {
    var random = SplitMix64(seed: 31)
    let transformer = random.transformer(sizes)
    for threads in [1, 2, 3] {
      let count = Int.random(in: 1...5, using: &random)
      let rounds = (0..<4).map { _ in
        (0..<count).map { _ in
          (0..<Int.random(in: 0...9, using: &random)).map { _ in Int.random(in: 0..<50, using: &random) }
        }
      }
      let batch = try Engine.Batch(transformer, count: count, threads: threads)
      let together = try rounds.filter { $0.contains { !$0.isEmpty } }.map { try batch.append($0) }
      for sequence in 0..<count {
        let parts = rounds.filter { $0.contains { !$0.isEmpty } }.map { $0[sequence] }
        #expect(together.map { $0[sequence].map(bits) } == (try alone(transformer, parts)))
        #expect(batch.passes[sequence].tokens == parts.flatMap { $0 })
      }
    }
  }

  @Test func `prompts longer than what goes through together are split among rounds`() throws {
    var random = SplitMix64(seed: 32)
    let transformer = random.transformer(Sizes(), contextLength: 1000)
    let prompts = [3, 600, 1, 513, 20].map { count in
      (0..<count).map { _ in Int.random(in: 0..<50, using: &random) }
    }
    let together = try Engine.Batch(transformer, count: prompts.count).append(prompts)
    for (prompt, logits) in zip(prompts, together) {
      #expect(logits.map(bits) == (try alone(transformer, [prompt])[0]))
    }
  }

  @Test func `each prompt is continued as alone, until its own end`() throws {
    var random = SplitMix64(seed: 33)
    let transformer = random.transformer(Sizes())
    let prompts = [[4, 9, 2], [7], [1, 1, 40, 3, 8], Array(repeating: 5, count: 60)]
    let sampler = Engine.Sampler(temperature: 1, seed: 5)
    let ends: Set = [11, 12, 13]
    var generator = Engine.BatchGenerator(
      try Engine.Batch(transformer, count: prompts.count), prompts: prompts, sampler: sampler, endsOfText: ends,
      limit: 20)
    var texts = prompts.map { _ in [Int]() }
    while let tokens = try generator.next() {
      for (sequence, token) in tokens.enumerated() {
        if let token { texts[sequence].append(token) }
      }
    }
    for (sequence, prompt) in prompts.enumerated() {
      var own = Engine.Generator(
        try Engine.Pass(transformer), prompt: prompt, sampler: sampler, endsOfText: ends, limit: 20)
      var text: [Int] = []
      while let token = try own.next() { text.append(token) }
      #expect(texts[sequence] == text)
      #expect(generator.ends[sequence] == own.end)
    }
    #expect(generator.ends[3] == .context, "60 tokens leave room for 4 of 64, and one more is chosen")
    #expect(try generator.next() == nil)
  }

  @Test func `what cannot be read leaves every sequence as it was`() throws {
    var random = SplitMix64(seed: 34)
    let batch = try Engine.Batch(random.transformer(Sizes()), count: 2)
    _ = try batch.append([[1, 2], []])
    #expect(throws: Engine.PassError.noTokens) { try batch.append([[], []]) }
    #expect(throws: Engine.PassError.unknownToken(50, index: 1, vocabularySize: 50)) {
      try batch.append([[3], [4, 50]])
    }
    #expect(throws: Engine.PassError.contextExceeded(tokens: 65, present: 0, contextLength: 64)) {
      try batch.append([[3], Array(repeating: 1, count: 65)])
    }
    #expect(batch.passes.map(\.tokens) == [[1, 2], []])
    #expect(try Engine.Batch(batch.passes[0].transformer, count: 0).passes.isEmpty)
  }

  @Test func `an observed pass shares no memory with what follows`() throws {
    // Arrays are used again from layer to layer: what an observer keeps must keep its elements.
    var random = SplitMix64(seed: 35)
    let transformer = random.transformer(Sizes())
    let pass = try Engine.Pass(transformer)
    let kept = try pass.trace([1, 2, 3])
    let before = kept.map { bits($0.activation) }
    let logits = try pass.append([4, 5, 6])
    let logitsBefore = bits(logits)
    _ = try pass.append([7, 8, 9])
    #expect(kept.map { bits($0.activation) } == before && bits(logits) == logitsBefore)
  }
}
