import PlumbExact
import PlumbModel
import PlumbReference
import Testing

/// The turns of a rotary embedding by tables beside those one by one, at a precision far beyond.
@Suite struct TensorTurnsTests {
  @Test(arguments: [40, 96, 250]) func `every turn contains what is known far better, and is as narrow as it says`(
    _ precision: Int
  ) throws {
    for (pairing, factor) in [(RotaryEmbeddingLayer.Pairing.adjacent, Float(1)), (.halfSplit, 3)] {
      let layer = RotaryEmbeddingLayer(rotatedSize: 12, theta: 10_000, pairing: pairing, scalingFactor: factor)
      for positions in [0..<9, 4090..<4099, 1_000_000..<1_000_002] {
        let tabled = try Reference.tabledRotaryTurns(layer, positions, precision: precision)
        let known = try Reference.rotaryTurns(layer, positions, precision: 500)
        #expect(tabled.shape == [positions.count, 6])
        for (turn, far) in zip(tabled.elements, known.elements) {
          #expect(turn.cosine.contains(far.cosine) && turn.sine.contains(far.sine))
          #expect(max(turn.cosine.radius, turn.sine.radius) <= .powerOfTwo(-precision))
        }
      }
    }
  }

  @Test func `an angle of 0 turns nothing, exactly`() throws {
    let layer = RotaryEmbeddingLayer(rotatedSize: 4, theta: 10_000, pairing: .adjacent)
    let turns = try Reference.tabledRotaryTurns(layer, 0..<2, precision: 96)
    for turn in turns.row(0) {
      #expect(turn.cosine.isExact && turn.cosine.midpoint == 1)
      #expect(turn.sine.isExact && turn.sine.midpoint == 0)
    }
  }
}
