import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbBounds
@testable import PlumbGolden
@testable import PlumbVerdicts

/// Whole passes of models whose blocks are put together in other ways than Llama's.
@Suite struct ShapesOfBlocksTests {
  /// The places of the norms of a branch.
  enum Norms: String, CaseIterable, Sendable {
    case before, afterMixer, beforeAndAfterMixer, afterSum, none

    func branch(_ mixer: Mixer, _ norms: [Norm]) -> Branch {
      switch self {
      case .before: Branch(norm: norms[0], mixer: mixer)
      case .afterMixer: Branch(mixer: mixer, outputNorm: norms[0])
      case .beforeAndAfterMixer: Branch(norm: norms[0], mixer: mixer, outputNorm: norms[1])
      case .afterSum: Branch(mixer: mixer, sumNorm: norms[0])
      case .none: Branch(mixer: mixer)
      }
    }
  }

  private static let tokens = [2, 7, 1, 8, 2]

  /// Two blocks; with `isGPT`, layer norms, learned positions and no gate, else what Llama has.
  private static func transformer(_ norms: Norms, isGPT: Bool, contextLength: Int = 8) -> Transformer {
    var weights = SeededWeights(seed: 7)
    let (hidden, heads, size) = (8, 2, 4)
    func norm(_ name: String) -> Norm {
      isGPT ? .layer(weights.layerNorm(name, hidden, 1e-5)) : .rms(weights.rmsNorm(name, hidden))
    }
    func headNorm(_ name: String) -> Norm? {
      guard norms != .before else { return nil }
      return isGPT ? .layer(weights.layerNorm(name, size, 1e-5)) : .rms(weights.rmsNorm(name, size))
    }
    func attention(_ name: String) -> Mixer {
      .attention(
        AttentionMixer(
          query: weights.linear("\(name).q", heads * size, hidden), key: weights.linear("\(name).k", size, hidden),
          value: weights.linear("\(name).v", size, hidden), queryNorm: headNorm("\(name).qn"),
          keyNorm: headNorm("\(name).kn"),
          rotary: isGPT ? nil : RotaryEmbeddingLayer(rotatedSize: size, theta: 100, pairing: .halfSplit),
          attention: AttentionLayer(heads: heads, keyValueHeads: 1, headSize: size),
          output: weights.linear("\(name).o", hidden, heads * size)))
    }
    func feedForward(_ name: String) -> Mixer {
      let (up, down) = (weights.linear("\(name).up", 12, hidden), weights.linear("\(name).down", hidden, 12))
      if isGPT { return .feedForward(FeedForwardLayer(up: up, activation: .geluTanh, down: down)) }
      return .gatedFeedForward(
        GatedFeedForwardLayer(gate: weights.linear("\(name).gate", 12, hidden), up: up, down: down))
    }
    let embedding = EmbeddingLayer(weight: weights.embedding("tokens", 16, hidden))
    let positions = isGPT ? LearnedPositionLayer(weight: weights.embedding("positions", 8, hidden)) : nil
    let blocks = (0..<2).map { index in
      Block(branches: [
        norms.branch(attention("\(index)"), [norm("\(index).n0"), norm("\(index).n1")]),
        norms.branch(feedForward("\(index)"), [norm("\(index).n2"), norm("\(index).n3")]),
      ])
    }
    return Transformer(
      name: "shape", contextLength: contextLength, stem: Stem(tokens: embedding, positions: positions), blocks: blocks,
      head: Head(norm: norm("last"), unembedding: LinearLayer(weight: weights.matrix("unembedding", 16, hidden))))
  }

  @Test(arguments: Norms.allCases, [false, true])
  func everyActivationIsWithin(norms: Norms, isGPT: Bool) throws {
    let transformer = Self.transformer(norms, isGPT: isGPT)
    #expect(transformer.shapeErrors == [])
    let trace = try EngineTrace.record(transformer, Self.tokens)
    #expect(trace.order == transformer.plan.names)
    let verdicts = try LocalVerdicts(transformer, trace, of: trace.order)
    let measurement = LocalMeasurement(transformer: transformer, trace: trace)
    for name in trace.order {
      let drift = try #require(verdicts.drifts[name])
      #expect(drift.verdict == .within && drift.outsideDomain == 0, "\(name): \(drift)")
      // The filter's own verdict is the exact path's.
      #expect(measurement.measure(name).verdict == .within, "\(name)")
    }
  }

  /// One token after the other, two sequences together: the bits of one pass over all tokens.
  @Test(arguments: Norms.allCases, [false, true])
  func howTokensComeChangesNoBit(norms: Norms, isGPT: Bool) throws {
    let transformer = Self.transformer(norms, isGPT: isGPT)
    func bits(_ logits: Activation<Float>) -> [UInt32] { logits.elements.map(\.bitPattern) }
    let whole = bits(try Engine.Pass(transformer).append(Self.tokens))
    let pass = try Engine.Pass(transformer)
    var last: [UInt32] = []
    for token in Self.tokens { last = bits(try pass.append([token])) }
    #expect(last == whole)
    let batch = try Engine.Batch(transformer, count: 2)
    _ = try batch.append([[3], Array(Self.tokens.prefix(2))])
    let together = try batch.append([[1, 4], Array(Self.tokens.dropFirst(2))])
    #expect(together[1].map(bits) == whole)
  }

  /// The pass on rows that share a power of two meets the plain one everywhere, and goes on from a checkpoint to the same.
  @Test(arguments: Norms.allCases, [false, true])
  func thePassesOfBallsMeet(norms: Norms, isGPT: Bool) throws {
    let transformer = Self.transformer(norms, isGPT: isGPT)
    var plain: [ActivationName: Activation<Ball>] = [:]
    try Reference.Pass(transformer, precision: 128).run(Self.tokens) { plain[$0] = $1 }
    #expect(Set(plain.keys) == Set(transformer.plan.names))
    let checkpoint = Reference.Pass.Checkpoint(
      blocks: 1, hidden: try #require(plain[transformer.plan.streams[1]]))
    for start in [nil, checkpoint] {
      try Reference.TensorPass(transformer, precision: 128).run(Self.tokens, from: start) { name, exact in
        let other = try #require(plain[name])
        #expect(exact.shape == other.shape)
        for (index, (a, b)) in zip(exact.elements, other.elements).enumerated() {
          let isApart = a.upper < b.lower || b.upper < a.lower
          // A score that the mask excludes holds no value.
          let isValue = Checks.holdsValue(transformer.plan[name], shape: exact.shape)?(index) ?? true
          #expect(!isValue || !isApart, "\(name) \(index)")
        }
      }
    }
  }

  @Test func aTableOfTooFewPositionsIsRefused() {
    let transformer = Self.transformer(.before, isGPT: true, contextLength: 9)
    #expect(transformer.shapeErrors == ["tensor 'positions' has 8 positions, fewer than the context of 9"])
    #expect(throws: Engine.PassError.self) { try Engine.Pass(transformer) }
  }

  @Test func twoBranchesOfOneKindAreRefused() {
    let good = Self.transformer(.before, isGPT: false)
    let bad = good.editing { $0.branches.append($0.branches[0]) }
    #expect(bad.shapeErrors.first == "block 0 has two branches of one kind")
  }
}
