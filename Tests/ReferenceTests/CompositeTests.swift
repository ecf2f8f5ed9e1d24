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

  @Test func `Attention as a whole, on what the cache holds`() throws {
    var input = TableInput(seed: 54)
    let query = try input.activation([2, 4, 3])
    let (key, value) = (try input.activation([5, 2, 3]), try input.activation([5, 2, 3]))
    let layer = AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 3)
    let y = try Reference.attention(query, key, value, layer, firstPosition: 2, precision: 200)
    #expect(y.shape == [2, 4, 3])
    expectAgreement(y.elements, CompositeTable.attention, bits: 180)
  }
}
