import PlumbEngine
import PlumbModel
import Testing

/// The promise: neither threads, nor chunks, nor the cache, nor an observer changes a bit.
@Suite struct SameBitsTests {
  static let tokens = [7, 0, 49, 23, 23, 8, 1, 40, 31, 5, 12, 12, 44, 2, 19, 37, 28, 6, 3]

  @Test(arguments: Sizes.all) func `any chunking and any number of threads give the activations of one piece`(
    _ sizes: Sizes
  ) throws {
    var random = SplitMix64(seed: 11)
    let transformer = random.transformer(sizes)
    let whole = try Engine.Pass(transformer, threads: 1).trace(Self.tokens)
    for threads in [1, 2, 3, 5] {
      let pass = try Engine.Pass(transformer, threads: threads)
      var rest = Self.tokens[...]
      while !rest.isEmpty {
        let chunk = Array(rest.prefix(Int.random(in: 1...7, using: &random)))
        let first = Self.tokens.count - rest.count
        rest = rest.dropFirst(chunk.count)
        for (part, all) in zip(try pass.trace(chunk), whole) {
          #expect(part.name == all.name)
          expectSame(part.activation, all.activation, part.name, first: first, last: rest.isEmpty)
        }
      }
    }
  }

  @Test(arguments: Engine.InstructionSet.supported) func `nothing but the tokens decides the bits, all at once`(
    _ set: Engine.InstructionSet
  ) throws {
    // Rows longer than what the kernels take at a time, and prompts longer than what goes through together.
    var random = SplitMix64(seed: 16)
    var sizes = Sizes(type: .q4_1, hidden: 32, headSize: 8)
    sizes.feedForward = 800
    let transformer = random.transformer(sizes, contextLength: 400)
    let texts = [270, 1, 33, 6].map { count in (0..<count).map { _ in Int.random(in: 0..<50, using: &random) } }
    // Each token of each text, alone, with one thread, by the cache.
    let expected = try texts.map { text in
      let pass = try Engine.Pass(transformer, threads: 1, instructionSet: set)
      return try text.map { bits(try pass.append([$0])) }
    }
    for threads in 1...3 {
      let batch = try Engine.Batch(transformer, count: texts.count, threads: threads, instructionSet: set)
      var unread = texts.map { $0[...] }
      while unread.contains(where: { !$0.isEmpty }) {
        let parts = unread.indices.map { index in
          let part = Array(unread[index].prefix(Int.random(in: 0...150, using: &random)))
          unread[index].removeFirst(part.count)
          return part
        }
        guard parts.contains(where: { !$0.isEmpty }) else { continue }
        for (index, logits) in try batch.append(parts).enumerated() {
          guard let logits else { continue }
          #expect(bits(logits) == expected[index][batch.passes[index].tokens.count - 1])
        }
      }
      var place = 0
      try Engine.Pass(transformer, threads: threads, instructionSet: set).append(texts[0]) { logits in
        for row in 0..<logits.rows {
          #expect(logits.row(row).map(\.bitPattern) == expected[0][place])
          place += 1
        }
      }
      #expect(place == texts[0].count)
      let watched = try Engine.Pass(transformer, threads: threads, instructionSet: set)
      #expect(bits(try watched.append(texts[0]) { _, _ in }) == expected[0].last)
    }
  }

  /// `part` holds the tokens from `first` on of what `all` holds.
  private func expectSame(
    _ part: Activation<Float>, _ all: Activation<Float>, _ name: ActivationName, first: Int, last: Bool
  ) {
    switch name.role {
    case .logits, .probabilities:
      if last { #expect(bits(part) == bits(all), "\(name)") }
    case .attentionScores, .attentionWeights:
      let (tokens, positions) = (part.shape[1], part.shape[2])
      for row in 0..<part.rows {
        let (head, token) = (row / tokens, row % tokens)
        let whole = all.row(head * all.shape[1] + first + token)
        let excluded: Float = name.role == .attentionScores ? -.infinity : 0
        #expect(part.row(row).map(\.bitPattern) == whole.prefix(positions).map(\.bitPattern), "\(name)")
        #expect(whole.dropFirst(first + token + 1).allSatisfy { $0 == excluded }, "\(name)")
      }
    default:
      let width = part.elements.count / part.shape[0]
      let same = all.elements[first * width..<first * width + part.elements.count].map(\.bitPattern)
      #expect(bits(part) == same, "\(name)")
    }
  }

  @Test(arguments: Sizes.all) func `an observer changes no bit`(_ sizes: Sizes) throws {
    var random = SplitMix64(seed: 12)
    let transformer = random.transformer(sizes)
    let watched = try Engine.Pass(transformer, threads: 2)
    let alone = try Engine.Pass(transformer, threads: 2)
    for token in Self.tokens {
      let seen = try watched.append([token]) { _, _ in }
      #expect(bits(seen) == bits(try alone.append([token])))
    }
  }

  @Test func `a prompt longer than a chunk gives the logits of one piece`() throws {
    var random = SplitMix64(seed: 13)
    let transformer = random.transformer(Sizes(), contextLength: 1000)
    let tokens = (0..<600).map { $0 * 37 % 50 }
    let chunked = try Engine.Pass(transformer).append(tokens)
    let observed = try Engine.Pass(transformer).append(tokens) { _, _ in }
    #expect(bits(chunked) == bits(observed))
  }

  @Test(arguments: Sizes.all) func `the instruction sets that fuse give the same bits`(_ sizes: Sizes) throws {
    var random = SplitMix64(seed: 14)
    let transformer = random.transformer(sizes)
    let fused = try Engine.InstructionSet.supported.filter(\.summation.fused).map { set in
      try Engine.Pass(transformer, instructionSet: set).trace(Self.tokens).map { bits($0.activation) }
    }
    #expect(fused.allSatisfy { $0 == fused[0] })
  }

  @Test func `several passes at once share weights and leave them as they were`() async throws {
    var random = SplitMix64(seed: 15)
    let transformer = random.transformer(Sizes.all[2])
    let before = bytes(of: transformer)
    let expected = bits(try Engine.Pass(transformer, threads: 1).append(Self.tokens))
    let results = try await withThrowingTaskGroup(of: [UInt32].self) { group in
      for threads in 1...4 {
        group.addTask { bits(try Engine.Pass(transformer, threads: threads).append(Self.tokens)) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(results.count == 4 && results.allSatisfy { $0 == expected })
    #expect(bytes(of: transformer) == before)
  }

  private func bytes(of transformer: Transformer) -> [[UInt8]] {
    // Sound: the bytes are copied while the pointer is valid.
    transformer.tensors.map { unsafe $0.withUnsafeBytes { unsafe [UInt8]($0) } }
  }

  @Test(arguments: Sizes.all) func `a block alone gives the bits of a pass`(_ sizes: Sizes) throws {
    var random = SplitMix64(seed: 13)
    let transformer = random.transformer(sizes)
    let trace = try Engine.Pass(transformer, threads: 2).trace(Self.tokens)
    func activation(_ name: ActivationName) throws -> Activation<Float> {
      try #require(trace.first { $0.name == name }).activation
    }
    var x = try activation(ActivationName(.embedding))
    for (index, block) in transformer.blocks.enumerated() {
      x = Engine.block(x, block)
      #expect(bits(x) == bits(try activation(ActivationName(block: index, .feedForwardResidual))))
    }
  }
}
