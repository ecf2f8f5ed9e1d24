import PlumbExact
import PlumbModel
import PlumbReference
import Synchronization
import Testing

/// The whole pass against an independent program, and what a pass promises about order, shapes and its end.
@Suite struct PassTests {
  private func activations(
    _ transformer: Transformer, precision: Int
  ) throws -> [(name: ActivationName, activation: Activation<Ball>)] {
    var all: [(name: ActivationName, activation: Activation<Ball>)] = []
    try Reference.Pass(transformer, precision: precision).run(TinyTransformer.tokens) { all.append(($0, $1)) }
    return all
  }

  private func last(_ transformer: Transformer, precision: Int) throws -> (logits: [Ball], probabilities: [Ball]) {
    let all = try activations(transformer, precision: precision)
    return (all[all.count - 2].activation.elements, all[all.count - 1].activation.elements)
  }

  @Test func `Adjacent pairs and tied weights: 40 digits of an independent program`() throws {
    let (logits, probabilities) = try last(TinyTransformer.adjacentTied(), precision: 256)
    expectAgreement(logits, TransformerTable.adjacentTiedLogits, bits: 134)
    expectAgreement(probabilities, TransformerTable.adjacentTiedProbabilities, bits: 134)
  }

  @Test func `Split pairs, untied weights and biases: 40 digits of an independent program`() throws {
    let (logits, probabilities) = try last(TinyTransformer.halfSplitUntied(), precision: 256)
    expectAgreement(logits, TransformerTable.halfSplitUntiedLogits, bits: 134)
    expectAgreement(probabilities, TransformerTable.halfSplitUntiedProbabilities, bits: 134)
  }

  @Test func `Every activation comes once, in order and in its shape`() throws {
    let transformer = try TinyTransformer.halfSplitUntied()
    let all = try activations(transformer, precision: 64)
    let inside: [ActivationName.Role] = [
      .attentionNorm, .query, .key, .value, .rotatedQuery, .rotatedKey, .attentionScores, .attentionWeights,
      .attentionValues, .attentionOutput, .attentionResidual, .feedForwardNorm, .gate, .up, .activatedGate, .gatedUp,
      .down, .feedForwardResidual,
    ]
    var expected = [ActivationName(.embedding)]
    for block in 0..<2 { expected += inside.map { ActivationName(block: block, $0) } }
    expected += [ActivationName(.finalNorm), ActivationName(.logits), ActivationName(.probabilities)]
    #expect(all.map(\.name) == expected)
    for (name, activation) in all {
      let shape =
        switch name.role {
        case .query, .rotatedQuery, .attentionValues: [5, 4, 6]
        case .key, .value, .rotatedKey: [5, 2, 6]
        case .attentionScores, .attentionWeights: [4, 5, 5]
        case .gate, .up, .activatedGate, .gatedUp: [5, 24]
        case .logits, .probabilities: [1, 32]
        default: [5, 16]
        }
      #expect(activation.shape == shape, "\(name)")
    }
  }

  @Test func `More precision narrows every ball and stays within the wider one`() throws {
    let transformer = try TinyTransformer.adjacentTied()
    let pairs = zip(try activations(transformer, precision: 80), try activations(transformer, precision: 200))
    for (coarse, fine) in pairs {
      for (wide, narrow) in zip(coarse.activation.elements, fine.activation.elements) {
        #expect(wide.overlaps(narrow))
        #expect(wide.isExact ? narrow.isExact : narrow.radius.scaled(byPowerOfTwo: 100) < wide.radius)
      }
    }
  }

  @Test func `Probabilities lie within 0 and 1 at any precision`() throws {
    for precision in [32, 48, 200] {
      for ball in try last(TinyTransformer.adjacentTied(), precision: precision).probabilities {
        #expect(ball.lower >= 0 && ball.upper <= 1)
      }
    }
  }

  @Test func `Passes at once over one set of weights are equal bit for bit`() async throws {
    let transformer = try TinyTransformer.halfSplitUntied()
    let alone = try activations(transformer, precision: 96).map(\.activation)
    try await withThrowingTaskGroup(of: [Activation<Ball>].self) { group in
      for _ in 0..<4 { group.addTask { try activations(transformer, precision: 96).map(\.activation) } }
      for try await together in group { #expect(together == alone) }
    }
  }

  @Test func `A pass stops where it is told to`() throws {
    let pass = Reference.Pass(try TinyTransformer.adjacentTied(), precision: 64)
    let seen = Mutex(0)
    #expect(throws: CancellationError.self) {
      try pass.run([1, 2], isCancelled: { seen.withLock { $0 } == 3 }) { _, _ in seen.withLock { $0 += 1 } }
    }
    #expect(seen.withLock { $0 } == 3)
    struct Enough: Error {}
    #expect(throws: Enough.self) { try pass.run([1, 2]) { _, _ in throw Enough() } }
  }

  @Test(arguments: [[], [32], [0, -1]])
  func `Tokens outside the vocabulary, and none at all, are refused`(_ tokens: [Int]) throws {
    let pass = Reference.Pass(try TinyTransformer.adjacentTied(), precision: 64)
    #expect(throws: EnclosureError.self) { try pass.run(tokens) { _, _ in } }
  }
}
