import PlumbEngine
import PlumbModel
import Testing

/// The training pass among threads, which share its memory.
@Suite struct TrainingPassTests {
  @Test func `gradients and steps have the same bits with any number of threads`() throws {
    let shape = LlamaShape(context: 24, blocks: 2, width: 24, heads: 4, keyValueHeads: 2, feedForward: 40)
    var random = SplitMix64(seed: 9)
    var expected: [Float]?
    let weights = random.floats(shape.parameters.reduce(0) { $0 + $1.count }, exponents: -6 ... -2)
    let tokens = (0..<24 * 20).map { _ in UInt8.random(in: 0...255, using: &random) }
    for threads in [1, 2, 5] {
      let pass = try Engine.TrainingPass(shape, sequences: 20, threads: threads)
      pass.weights.elements = weights
      var state = Engine.AdamW.State(weights.count)
      for _ in 0..<2 {
        pass.gradients.clear()
        _ = pass.addGradients(tokens, tokens.reversed(), factor: 0.01)
        #expect(pass.gradientNorm.isFinite && pass.gradientNorm > 0)
        pass.step(Engine.AdamW(), &state, rate: 0.01, scale: 0.5)
      }
      if let expected { #expect(pass.weights.elements == expected, "\(threads) threads") }
      expected = pass.weights.elements
      #expect(expected != weights)
    }
  }
}
