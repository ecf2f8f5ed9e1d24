import PlumbExact
import PlumbModel
import PlumbReference
import Testing

/// The pass on tensors beside the plain one and an independent program.
@Suite struct TensorPassTests {
  private typealias Named = (name: ActivationName, activation: Activation<Ball>)

  private func plain(_ transformer: Transformer, precision: Int) throws -> [Named] {
    var all: [Named] = []
    try Reference.Pass(transformer, precision: precision).run(TinyTransformer.tokens) { all.append(($0, $1)) }
    return all
  }

  private func onTensors(
    _ transformer: Transformer, precision: Int, from checkpoint: Reference.Pass.Checkpoint? = nil
  ) throws -> [Named] {
    var all: [Named] = []
    try Reference.TensorPass(transformer, precision: precision).run(TinyTransformer.tokens, from: checkpoint) {
      all.append(($0, $1))
    }
    return all
  }

  @Test func `40 digits of an independent program, for pairs and weights of both kinds`() throws {
    for (transformer, logits, probabilities) in [
      (
        try TinyTransformer.adjacentTied(), TransformerTable.adjacentTiedLogits,
        TransformerTable.adjacentTiedProbabilities
      ),
      (
        try TinyTransformer.halfSplitUntied(), TransformerTable.halfSplitUntiedLogits,
        TransformerTable.halfSplitUntiedProbabilities
      ),
    ] {
      let all = try onTensors(transformer, precision: 256)
      expectAgreement(all[all.count - 2].activation.elements, logits, bits: 134)
      expectAgreement(all[all.count - 1].activation.elements, probabilities, bits: 134)
    }
  }

  /// The plain pass at a precision far beyond stands for the exact values: its balls are 2^−300 wide, and one that lies
  /// within a wider ball proves that ball right of this input.
  @Test(arguments: [40, 64, 100, 250]) func `every ball contains what is known far better`(_ precision: Int) throws {
    for transformer in [try TinyTransformer.adjacentTied(), try TinyTransformer.halfSplitUntied()] {
      let known = try plain(transformer, precision: 400)
      let enclosed = try onTensors(transformer, precision: precision)
      #expect(enclosed.map(\.name) == known.map(\.name))
      var widest = 0.0
      for ((name, balls), (_, narrow)) in zip(enclosed, known) {
        #expect(balls.shape == narrow.shape, "\(name)")
        for (ball, exact) in zip(balls.elements, narrow.elements) {
          #expect(
            exact.isExact && ball.isExact ? ball == exact : ball.contains(exact), "\(name): \(ball), not \(exact)")
          if !ball.isExact { widest = max(widest, Double(ball.radius.floorLog2 + precision)) }
        }
      }
      // Not by being wide: the plain pass loses some 20 bits here, and a row shares its greatest element's unit.
      let loss =
        try plain(transformer, precision: precision).flatMap(\.activation.elements)
        .filter { !$0.isExact }.map { Double($0.radius.floorLog2 + precision) }.max() ?? 0
      #expect(widest <= loss + 8, "\(widest) bits lost where the plain pass loses \(loss)")
    }
  }

  @Test func `a pass goes on from the output of a block`() throws {
    let transformer = try TinyTransformer.halfSplitUntied()
    let whole = try onTensors(transformer, precision: 128)
    let first = try #require(whole.first { $0.name == ActivationName(block: 0, .feedForwardResidual) })
    let rest = try onTensors(transformer, precision: 128, from: .init(blocks: 1, hidden: first.activation))
    #expect(rest.first?.name == ActivationName(block: 1, .attentionNorm))
    for (resumed, straight) in zip(rest.reversed(), whole.reversed()) {
      #expect(resumed.activation == straight.activation, "\(resumed.name)")
    }
  }

  @Test func `only what is wanted is shown, and what is made of an activation goes on`() throws {
    let transformer = try TinyTransformer.adjacentTied()
    var seen: [ActivationName] = []
    var asked = 0
    try Reference.TensorPass(transformer, precision: 64).run(
      TinyTransformer.tokens,
      adjusting: { name, activation in name.role == .down ? activation.map { _ in Ball(0) } : activation },
      wanted: {
        asked += 1
        return $0.role == .logits || $0.role == .attentionResidual || $0.role == .feedForwardResidual
      }
    ) { name, activation in
      seen.append(name)
      if name.role == .feedForwardResidual { #expect(activation.elements.allSatisfy { !$0.midpoint.isZero }) }
    }
    #expect(seen.count == 5)
    #expect(asked == (try plain(transformer, precision: 64)).count)
  }

  @Test(arguments: [[], [32], [0, -1]])
  func `tokens outside the vocabulary, and none at all, are refused`(_ tokens: [Int]) throws {
    let pass = Reference.TensorPass(try TinyTransformer.adjacentTied(), precision: 64)
    #expect(throws: EnclosureError.self) { try pass.run(tokens) { _, _ in } }
  }
}
