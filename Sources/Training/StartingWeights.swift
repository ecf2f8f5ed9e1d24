import PlumbModel

/// The weights before the first step, drawn from a seed.
package enum StartingWeights {
  /// The weights, in the places of `shape.parameters`: ones in normalisations; in matrices uniform numbers of variance 1/inputs, and
  /// where a branch ends in the residual stream of 1/(2 · blocks) of that, so that the stream keeps its size over all blocks.
  ///
  /// Each takes one exact conversion and one product, so that every machine has the same bits.
  package static func draw(_ shape: LlamaShape, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return shape.parameters.flatMap { parameter -> [Float] in
      guard parameter.shape.count == 2 else { return [Float](repeating: 1, count: parameter.count) }
      var variance = 1 / Double(parameter.shape[1])
      switch parameter.part {
      case .attentionOutput, .down: variance /= 2 * Double(shape.blocks)
      case .embedding: variance = 1.0 / 16
      default: break
      }
      // A uniform number on ±a has the variance a²/3.
      let factor = Float((3 * variance).squareRoot() * 0x1p-22)
      return (0..<parameter.count).map { _ in factor * Float(Int(generator.next() >> 41) - (1 << 22)) }
    }
  }
}
