import PlumbExact
import PlumbModel
import PlumbReference
import Testing

/// Layers that are made of others, on exact inputs, against an independent program.
@Suite struct CompositeTests {
  @Test func `Cross-entropy`() throws {
    var input = TableInput(seed: 51)
    let logits = try input.activation([3, 5], times: 16)
    let y = try Reference.crossEntropy(logits, targets: [0, 3, 4], precision: 200)
    #expect(y.shape == [3])
    expectAgreement(y.elements, CompositeTable.crossEntropy, bits: 185)
    for target in [-1, 5] {
      #expect(throws: EnclosureError.self) { try Reference.crossEntropy(logits, targets: [target], precision: 64) }
    }
  }

  @Test(
    arguments: zip(
      [ActivationFunction.relu, .gelu, .geluTanh, .silu],
      [
        CompositeTable.reluFeedForward, CompositeTable.geluFeedForward, CompositeTable.geluTanhFeedForward,
        CompositeTable.siluFeedForward,
      ]))
  func `The feed-forward layer`(_ activation: ActivationFunction, _ table: [String]) throws {
    var input = TableInput(seed: 52)
    let x = try input.activation([2, 4])
    let up = LinearLayer(
      weight: try weights("up", [6, 4], input.vector(24)), bias: try weights("upBias", [6], input.vector(6)))
    let down = LinearLayer(
      weight: try weights("down", [4, 6], input.vector(24)), bias: try weights("downBias", [4], input.vector(4)))
    let layer = FeedForwardLayer(up: up, activation: activation, down: down)
    let y = try Reference.feedForward(x, layer, precision: 200)
    #expect(y.shape == [2, 4])
    expectAgreement(y.elements, table, bits: 180)
  }

  @Test func `The gated feed-forward layer`() throws {
    var input = TableInput(seed: 53)
    let x = try input.activation([2, 4])
    let layer = GatedFeedForwardLayer(
      gate: LinearLayer(weight: try weights("gate", [6, 4], input.vector(24))),
      up: LinearLayer(weight: try weights("up", [6, 4], input.vector(24))),
      down: LinearLayer(weight: try weights("down", [4, 6], input.vector(24))))
    expectAgreement(
      try Reference.gatedFeedForward(x, layer, precision: 200).elements, CompositeTable.gatedFeedForward, bits: 180)
  }

  @Test(
    arguments: zip(
      [ActivationFunction.relu, .gelu, .geluTanh],
      [
        CompositeTable.reluGatedFeedForward, CompositeTable.geluGatedFeedForward,
        CompositeTable.geluTanhGatedFeedForward,
      ]))
  func `The gated feed-forward layer with other gates`(_ activation: ActivationFunction, _ table: [String]) throws {
    var input = TableInput(seed: 53)
    let x = try input.activation([2, 4])
    let layer = GatedFeedForwardLayer(
      gate: LinearLayer(weight: try weights("gate", [6, 4], input.vector(24))),
      up: LinearLayer(weight: try weights("up", [6, 4], input.vector(24))),
      down: LinearLayer(weight: try weights("down", [4, 6], input.vector(24))), activation: activation)
    expectAgreement(try Reference.gatedFeedForward(x, layer, precision: 200).elements, table, bits: 180)
  }

  @Test(arguments: [false, true]) func `A block as a whole, normalised before and after`(_ isPost: Bool) throws {
    var input = TableInput(seed: 58)
    let x = try input.activation([3, 8])
    func norm(_ name: String) throws -> RMSNormLayer {
      RMSNormLayer(weight: try weights(name, [8], input.vector(8, plus: 1)), epsilon: 1e-5)
    }
    func linear(_ name: String, _ outputs: Int, _ inputs: Int) throws -> LinearLayer {
      LinearLayer(weight: try weights(name, [outputs, inputs], input.vector(outputs * inputs)))
    }
    let block = Block(
      attentionNorm: try norm("attention-norm"),
      attention: AttentionMixer(
        query: try linear("query", 16, 8), key: try linear("key", 8, 8), value: try linear("value", 8, 8),
        rotary: RotaryEmbeddingLayer(rotatedSize: 4, theta: 500, pairing: .halfSplit),
        attention: AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 4), output: try linear("output", 8, 16)),
      feedForwardNorm: try norm("norm"),
      feedForward: GatedFeedForwardLayer(
        gate: try linear("gate", 6, 8), up: try linear("up", 6, 8), down: try linear("down", 8, 6),
        activation: isPost ? .geluTanh : .silu), isPostNormalised: isPost)
    let y = try Reference.block(x, block, precision: 240)
    expectAgreement(y.elements, isPost ? CompositeTable.postNormalisedBlock : CompositeTable.block, bits: 160)
  }

  @Test func `Attention as a whole, on what the cache holds`() throws {
    var input = TableInput(seed: 54)
    let query = try input.activation([2, 4, 3])
    let (key, value) = (try input.activation([5, 2, 3]), try input.activation([5, 2, 3]))
    let layer = AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 3)
    let y = try Reference.attention(query, key, value, layer, firstPosition: 2, precision: 200)
    #expect(y.shape == [2, 4, 3])
    expectAgreement(y.elements, CompositeTable.attention, bits: 180)
  }

  private static let masks = [
    (AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 3, window: 2, scale: 0.5, softCap: 0.25), 3),
    (AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 3, isCausal: false, scale: 0.5), 3),
    (AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 3, isCausal: false, window: 3), 6),
  ]

  @Test(
    arguments: zip(
      masks, [CompositeTable.windowedAttention, CompositeTable.unmaskedAttention, CompositeTable.partlyMaskedAttention])
  )
  func `Attention with a window, a scale, a soft cap, without a mask`(
    _ mask: (AttentionLayer, Int), _ table: [String]
  ) throws {
    var input = TableInput(seed: 54)
    let query = try input.activation([2, 4, 3])
    let (key, value) = (try input.activation([5, 2, 3]), try input.activation([5, 2, 3]))
    let y = try Reference.attention(query, key, value, mask.0, firstPosition: mask.1, precision: 200)
    expectAgreement(y.elements, table, bits: 180)
  }

  @Test func `An unembedding with a soft cap`() throws {
    var input = TableInput(seed: 55)
    let x = try input.activation([2, 3], times: 16)
    let layer = LinearLayer(weight: try weights("unembedding", [5, 3], input.vector(15)))
    let y = try Reference.unembedding(x, layer, softCap: 8, precision: 200)
    expectAgreement(y.elements, CompositeTable.cappedUnembedding, bits: 190)
    #expect(y.elements.allSatisfy { $0.lower > -8 && $0.upper < 8 })
    for cap: Float in [0, -1, .infinity, .nan] {
      #expect(throws: EnclosureError.self) { try Reference.unembedding(x, layer, softCap: cap, precision: 64) }
    }
  }

  @Test func `Scores with a scale that is none`() throws {
    for scale: Float in [0, -1, .infinity, .nan] {
      let layer = AttentionLayer(heads: 1, keyValueHeads: 1, headSize: 1, scale: scale)
      #expect(throws: EnclosureError.self) {
        try Reference.attentionScores(exact([1], [1, 1, 1]), exact([1], [1, 1, 1]), layer, precision: 64)
      }
    }
  }

  @Test func `Rotary embedding of positions that are scaled`() throws {
    var input = TableInput(seed: 56)
    let x = try input.activation([2, 2, 6])
    let layer = RotaryEmbeddingLayer(rotatedSize: 6, theta: 500, pairing: .adjacent, scalingFactor: 3)
    let y = try Reference.rotaryEmbedding(x, layer, firstPosition: 4095, precision: 200)
    expectAgreement(y.elements, CompositeTable.scaledRotary, bits: 190)
    for factor: Float in [0, -1, .infinity, .nan] {
      let layer = RotaryEmbeddingLayer(rotatedSize: 6, theta: 500, pairing: .adjacent, scalingFactor: factor)
      #expect(throws: EnclosureError.self) { try Reference.rotaryEmbedding(x, layer, precision: 64) }
    }
  }

  @Test func `The probabilities of sampling`() throws {
    var input = TableInput(seed: 57)
    let logits = try input.activation([3, 12], times: 8)
    let layer = SamplingLayer(temperature: 0.75, topK: 9, topP: 0.9, minP: 0.02)
    let y = try Reference.sampling(logits, layer, precision: 200)
    expectAgreement(y.elements, CompositeTable.sampling, bits: 190)
  }

  @Test(
    arguments: [
      (SamplingLayer(temperature: 0), [0, 1, 0, 0, 0]), (SamplingLayer(topK: 1), [0, 1, 0, 0, 0]),
      (SamplingLayer(topK: 2), [0, "1/2", 0, "1/2", 0]), (SamplingLayer(minP: 1), [0, "1/2", 0, "1/2", 0]),
      (SamplingLayer(topP: 0), [0, 1, 0, 0, 0]), (SamplingLayer(topP: 0x1p-60), [0, 1, 0, 0, 0]),
      (SamplingLayer(topK: 2, topP: 0.5), [0, 1, 0, 0, 0]),
      (SamplingLayer(topK: 2, topP: 0x1.000002p-1), [0, "1/2", 0, "1/2", 0]),
      (SamplingLayer(temperature: 0x1p-149), [0, "1/2", 0, "1/2", 0]),
    ] as [(SamplingLayer, [Rational])])
  func `Sampling, where ties and limits decide`(_ layer: SamplingLayer, _ expected: [Rational]) throws {
    let y = try Reference.sampling(exact([1, 2, -3, 2, 0x1.fffffcp0], [1, 5]), layer, precision: 64)
    for (ball, value) in zip(y.elements, expected) {
      #expect(ball.contains(value) && ball.radius <= "0x1p-60", "\(ball) is not \(value)")
    }
  }

  @Test func `Sampling of what cannot be decided, or is none`() throws {
    let row = try exact([0, 0, 0, 0], [1, 4])
    for layer in [
      SamplingLayer(temperature: -1), SamplingLayer(temperature: .nan), SamplingLayer(topK: 0),
      SamplingLayer(topP: 1.5),
      SamplingLayer(topP: .nan), SamplingLayer(minP: -0.5),
    ] { #expect(throws: EnclosureError.self) { try Reference.sampling(row, layer, precision: 64) } }
    let wide = Activation(shape: [1, 2], elements: [Ball(0), Ball(midpoint: 1, radius: 2)])
    #expect(throws: EnclosureError.self) { try Reference.sampling(wide, SamplingLayer(), precision: 64) }
    // 1 and e^(2^−149) differ from bit 149 on.
    let close = try exact([0, .leastNonzeroMagnitude], [1, 2])
    #expect(throws: EnclosureError.self) { try Reference.sampling(close, SamplingLayer(topP: 0.5), precision: 64) }
    let decided = try Reference.sampling(close, SamplingLayer(topP: 0.5), precision: 192)
    #expect(decided.elements == [Ball(0), Ball(1)])
    // Half of two equal tokens is one of them, but together with a third, however unlikely, the whole is more.
    let unlikely = try Reference.sampling(exact([1, 1, -0x1p100], [1, 3]), SamplingLayer(topP: 0.5), precision: 64)
    #expect(unlikely.elements.map(\.midpoint) == ["1/2", "1/2", 0])
    #expect(try Reference.sampling(exact([], [2, 0]), SamplingLayer(), precision: 64).elements.isEmpty)
  }
}
