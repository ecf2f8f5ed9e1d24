import PlumbExact
import PlumbModel

extension Reference {
  /// The scores `[heads, tokens, positions]` with the linear bias of `layer`, where it has one.
  ///
  /// Row 0 stands at `firstPosition`. Elements that the mask excludes stay as they are.
  /// *Error bound*: encloses the true values; from exact scores, to about `precision` bits of the greater term.
  /// - Throws: as `scale(of:precision:)`.
  package static func biased(
    _ scores: Activation<Ball>, _ layer: AttentionLayer, firstPosition: Int, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let slopes = try slopes(of: layer, precision: precision)
    guard !slopes.isEmpty else { return scores }
    let (tokens, positions) = (scores.shape[1], scores.columns)
    let elements = concurrentMap(scores.elements.count) { index -> Ball in
      let (head, key) = (index / positions / tokens, index % positions)
      let token = firstPosition + index / positions % tokens
      guard layer.allows(query: token, key: key) else { return scores.elements[index] }
      return (scores.elements[index] - slopes[head] * Ball(Rational(Integer(abs(token - key))))).settled(precision)
    }
    return Activation(shape: scores.shape, elements: elements)
  }

  /// The slope of each head, times the scale of the scores where that multiplies it; none without a linear bias.
  ///
  /// 2^−e is 2^−⌊e⌋ · e^((⌊e⌋ − e) · log 2); it is exact where e is whole.
  /// - Throws: as `scale(of:precision:)`.
  package static func slopes(of layer: AttentionLayer, precision: Int) throws(EnclosureError) -> [Ball] {
    guard let bias = layer.linearBias else { return [] }
    let scale = bias.isScaled ? try scale(of: layer, precision: precision + 4) : Ball(1)
    return try bias.exponents.map { exponent throws(EnclosureError) in
      guard LinearBias.allowedExponents ~= exponent, let whole = Int(exactly: exponent.rounded(.down)),
        let rest = Rational(exactly: Double(whole) - exponent)
      else { throw .argumentOutsideDomain(function: "attentionScores: exponent \(exponent) of a slope") }
      let logarithm = try Ball.log(Ball(2), precision: precision + 4)
      let power = rest.isZero ? Ball(1) : try Ball.exp(Ball(rest) * logarithm, precision: precision + 4)
      return (power.scaled(byPowerOfTwo: -whole) * scale).settled(precision + 4)
    }
  }
}
