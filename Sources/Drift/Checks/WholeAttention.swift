import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// Attention as a whole: the running error of its three steps.
  ///
  /// With scores off by at most B in a row, each weight's numerator is off by a factor in [e^−B, e^B] and so is the
  /// denominator: the weights are off by a relative e^2B − 1, and by 1 at most, before softmax's own error and rounding.
  /// Weights off by A are off by Σ A·|value| in the sums, which then have their own bound at the greatest weights.
  static func attention(
    _ query: Activation<Float>, _ key: Activation<Float>, _ value: Activation<Float>, _ layer: AttentionLayer,
    firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let values = value.asBalls,
      let scores = try attentionScores(query, key, layer, firstPosition: firstPosition, precision: precision)
    else { return nil }
    let weights = try Reference.softmax(scores.exact, layer, firstPosition: firstPosition, precision: precision)
    let exact = Reference.attentionValues(
      weights, values, layer, firstPosition: firstPosition, precision: precision)
    let (tokens, positions) = (query.shape[0], key.shape[0])
    let rows = try concurrentMap(layer.heads * tokens) { row throws(EnclosureError) -> [Rational?] in
      let (token, head) = (row / layer.heads, row % layer.heads)
      let visible = (0..<positions).filter { layer.allows(query: firstPosition + token, key: $0) }
      let start = (head * tokens + token) * positions
      guard
        let errors = try weightErrors(
          visible.map { scores.bounds[start + $0] }, weights: visible.map { weights.elements[start + $0] })
      else { return [Rational?](repeating: nil, count: layer.headSize) }
      return (0..<layer.headSize).map { element in
        var (inherited, absolute) = (Rational(0), Rational(0))
        for (position, error) in zip(visible, errors) {
          let index = (position * layer.keyValueHeads + layer.keyValueHead(of: head)) * layer.headSize + element
          let size = values.elements[index].midpoint.magnitude
          inherited = inherited + size * error
          absolute = absolute + size * (weights.elements[start + position].greatestMagnitude + error)
        }
        return Tolerance.dotProduct(
          absoluteSum: absolute.rounded(toBits: 64, .up), terms: visible.count,
          depth: summationTree.depth(terms: visible.count)
        ).map { ($0 + inherited).rounded(toBits: 64, .up) }
      }
    }
    return Expectation(exact: exact, bounds: Array(rows.joined()))
  }

  /// How far the engine's weights of one row may be from the exact ones, given the bounds of its scores.
  private static func weightErrors(_ bounds: [Rational?], weights: [Ball]) throws(EnclosureError) -> [Rational]? {
    var greatest = Rational(0)
    for bound in bounds {
      guard let bound else { return nil }
      greatest = max(greatest, bound)
    }
    // The weight of a single position is 1, whatever its score.
    if weights.count == 1 { return [0] }
    let growth = greatest < 16 ? try Ball.expm1(Ball(2 * greatest), precision: 32).upper : nil
    let own = Engine.softmaxRelativeError(terms: weights.count).rational
    var errors: [Rational] = []
    for weight in weights {
      let scale = weight.greatestMagnitude
      let strayed = min(1, growth.map { $0 * scale } ?? 1)
      guard
        let error = Tolerance.oneRounding(of: weight, relativeError: own, absoluteError: strayed * (1 + own))
      else { return nil }
      errors.append(error.rounded(toBits: 64, .up))
    }
    return errors
  }
}
