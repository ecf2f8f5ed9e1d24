import PlumbExact
import PlumbModel

extension Reference {
  /// The scores `[heads, tokens, positions]` with the linear bias of `layer`, or without it, where it has one.
  ///
  /// - Throws: as the function over activations.
  static func biased(
    _ scores: BallTensor, by layer: AttentionLayer, removing: Bool = false, precision: Int
  ) throws(EnclosureError) -> BallTensor {
    let (tokens, slopes) = (scores.shape[1], try slopes(of: layer, precision: precision))
    guard !slopes.isEmpty else { return scores }
    return scores.map { index, row in
      let slope = removing ? slopes[index / tokens] : -slopes[index / tokens]
      let numbers = (0..<row.count).map { key -> Ball in
        guard layer.allows(query: index % tokens, key: key) else { return Ball(0) }
        return slope * Ball(Rational(Integer(abs(index % tokens - key))))
      }
      return row.adding(BallRow(numbers, precision: precision), precision: precision)
    }
  }
}
