import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// Attention as a whole: the running error of its steps.
  package static func attention(
    _ query: Activation<Float>, _ key: Activation<Float>, _ value: Activation<Float>, _ layer: AttentionLayer,
    firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let values = value.asBalls,
      let scores = try attentionScores(query, key, layer, firstPosition: firstPosition, precision: precision)
    else { return nil }
    let weights = try softmax(scores, layer, firstPosition: firstPosition, precision: precision)
    return attentionValues(
      weights, Expectation(exactly: values), layer, firstPosition: firstPosition, precision: precision)
  }

  /// The softmax of scores that the engine computed: how far each weight strays over the scores that their errors allow,
  /// and by 1 at most; then the engine's declared accuracy and one rounding.
  static func softmax(
    _ scores: Expectation, _ layer: AttentionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation {
    let exact = try Reference.softmax(scores.exact, layer, firstPosition: firstPosition, precision: precision)
    let (tokens, positions) = (exact.shape[1], exact.shape[2])
    let seen = (0..<tokens).map { token in
      (0..<positions).filter { layer.allows(query: firstPosition + token, key: $0) }
    }
    let rows = (0..<exact.rows).map { row in seen[row % tokens].map { scores.bounds[row * positions + $0] } }
    // Beyond e^±1000 every weight may be anything, and the exponentials would only be long.
    let isWild = rows.map { $0.contains { $0.map { $0 > 1000 } ?? false } }
    let widened = scores.widened
    let reached = try Reference.softmax(
      Activation(
        shape: exact.shape,
        elements: widened.elements.indices.map {
          isWild[$0 / positions] ? scores.exact.elements[$0] : widened.elements[$0]
        }), layer, firstPosition: firstPosition, precision: 64)
    let bounds = exact.elements.indices.map { index -> Rational? in
      let row = index / positions
      // The declared accuracy is proved for rows of fewer than 2²⁴ elements.
      guard !rows[row].contains(nil), layer.terms(positions) < 1 << 24 else { return nil }
      let (here, there) = (exact.elements[index], reached.elements[index])
      // Excluded, or the only one beside no sink: its weight is 0 or 1 whatever its score.
      if here.isExact && there.isExact { return Tolerance.oneRounding(of: here) }
      let own = Engine.softmaxRelativeError(terms: layer.terms(seen[row % tokens].count)).rational
      let strayed = isWild[row] ? 1 : min(1, here.distance(across: there))
      return Tolerance.oneRounding(of: here, relativeError: own, absoluteError: strayed * (1 + own))
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// Weighted values of weights and values that the engine computed: how far the sums stray over what their errors allow,
  /// and the bound of the sum itself at the greatest of both.
  static func attentionValues(
    _ weights: Expectation, _ values: Expectation, _ layer: AttentionLayer, firstPosition: Int = 0, precision: Int
  ) -> Expectation {
    func sums(_ weights: Activation<Ball>, _ values: Activation<Ball>, precision: Int) -> Activation<Ball> {
      Reference.attentionValues(weights, values, layer, firstPosition: firstPosition, precision: precision)
    }
    let exact = sums(weights.exact, values.exact, precision: precision)
    let reached = sums(weights.widened, values.widened, precision: 64)
    let magnitudes = sums(weights.magnitudes, values.magnitudes, precision: 64)
    let (tokens, positions) = (weights.exact.shape[1], weights.exact.shape[2])
    let rowSize = layer.keyValueHeads * layer.headSize
    let bounds = exact.elements.indices.map { index -> Rational? in
      let (token, head) = (index / layer.headSize / layer.heads, index / layer.headSize % layer.heads)
      let column = layer.keyValueHead(of: head) * layer.headSize + index % layer.headSize
      let start = (head * tokens + token) * positions
      let seen = (0..<positions).filter { layer.allows(query: firstPosition + token, key: $0) }
      guard seen.allSatisfy({ weights.bounds[start + $0] != nil && values.bounds[$0 * rowSize + column] != nil })
      else { return nil }
      let strayed = exact.elements[index].distance(across: reached.elements[index])
      return summation(terms: seen.count)?.bound(absoluteSum: magnitudes.elements[index].greatestMagnitude)
        .map { ($0 + strayed).rounded(toBits: 64, .up) }
    }
    return Expectation(exact: exact, bounds: bounds)
  }
}
