import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The scores of `layer` from those that are scaled alone: soft-capped and with a linear bias, where it has one.
  static func finished(
    _ scores: Expectation, _ layer: AttentionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation {
    let capped = try layer.softCap.map { cap throws(EnclosureError) in
      try softCapped(scores, cap, precision: precision)
    }
    return try biased(capped ?? scores, layer, firstPosition: firstPosition, precision: precision)
  }

  /// Scores `[heads, tokens, positions]` that the engine computed, with a linear bias.
  ///
  /// The engine gives fl32((y + b·(1 + β))·(1 + δ)), with y off by what it is off by and |δ| ≤ 2⁻⁵³: before the last rounding it
  /// is within δ·|exact| + (1 + δ)·(bound of y + |β·b|) of the exact sum. A token's own position has b = 0, which changes nothing.
  private static func biased(
    _ x: Expectation, _ layer: AttentionLayer, firstPosition: Int, precision: Int
  ) throws(EnclosureError) -> Expectation {
    let slopes = try Reference.slopes(of: layer, precision: 64)
    guard !slopes.isEmpty else { return x }
    let exact = try Reference.biased(x.exact, layer, firstPosition: firstPosition, precision: precision)
    let (tokens, positions) = (exact.shape[1], exact.columns)
    let sum = Rational(significand: 1, exponent: -53)
    let declared = (0..<layer.heads).map { Engine.linearBiasRelativeError(layer, head: $0).rational }
    let bounds = exact.elements.indices.map { index -> Rational? in
      let (head, key) = (index / positions / tokens, index % positions)
      let token = firstPosition + index / positions % tokens
      guard layer.allows(query: token, key: key), token != key, let bound = x.bounds[index] else {
        return x.bounds[index]
      }
      let error = declared[head] * slopes[head].upper * Rational(Integer(abs(token - key)))
      return Tolerance.oneRounding(
        of: exact.elements[index], relativeError: sum, absoluteError: (bound + error) * (1 + sum))
    }
    return Expectation(exact: exact, bounds: bounds, holdsValue: x.holdsValue)
  }
}
