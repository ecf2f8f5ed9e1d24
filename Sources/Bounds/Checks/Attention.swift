import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// Scaled scores: the declared summation tree over a head, then a division by √headSize or 1/scale in Float64 and one
  /// rounding, which is all where no partial sum can round and the division is exact; a soft cap and a linear bias where the
  /// layer has one.
  package static func attentionScores(
    _ query: Activation<Float>, _ key: Activation<Float>, _ layer: AttentionLayer, firstPosition: Int = 0,
    precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let queries = query.asBalls, let keys = key.asBalls else { return nil }
    let exact = try Reference.attentionScores(
      queries, keys, layer.scalingOnly, firstPosition: firstPosition, precision: precision)
    let scale = try greatestScale(of: layer)
    let (tokens, positions) = (query.shape[0], key.shape[0])
    let sums = summation(terms: layer.headSize)
    let declared = Engine.attentionScaleRelativeError(layer).rational
    let bounds = concurrentMap(exact.elements.count) { index -> Rational? in
      let (head, token, position) = (index / positions / tokens, index / positions % tokens, index % positions)
      guard layer.allows(query: firstPosition + token, key: position) else { return 0 }
      let (queries, keys) = (
        query.row(token * layer.heads + head), key.row(position * layer.keyValueHeads + layer.keyValueHead(of: head))
      )
      if declared.isZero && Granularity.sumsExactly(queries, keys) {
        return Tolerance.oneRounding(of: exact.elements[index])
      }
      guard let sum = sums?.bound(absoluteSum: absoluteDot(queries, keys)) else { return nil }
      // The division's relative error acts on the exact sum and on its error alike.
      return Tolerance.oneRounding(
        of: exact.elements[index], relativeError: declared, absoluteError: sum * scale * (1 + declared))
    }
    let scores = Expectation(
      exact: exact, bounds: bounds,
      holdsValue: layer.holdsScore(tokens: tokens, positions: positions, firstPosition: firstPosition))
    return try finished(scores, layer, firstPosition: firstPosition, precision: precision)
  }

  /// An upper bound of the factor that the layer multiplies sums by.
  static func greatestScale(of layer: AttentionLayer) throws(EnclosureError) -> Rational {
    try Reference.scale(of: layer, precision: 64).upper
  }

  /// Weighted values: the declared summation tree over the positions that the mask allows; 0 where no partial sum can
  /// round.
  package static func attentionValues(
    _ weights: Activation<Float>, _ value: Activation<Float>, _ layer: AttentionLayer, firstPosition: Int = 0,
    precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let factors = weights.asBalls, let values = value.asBalls else { return nil }
    let exact = Reference.attentionValues(
      factors, values, layer, firstPosition: firstPosition, precision: precision)
    let (tokens, positions) = (weights.shape[1], weights.shape[2])
    let rowSize = layer.keyValueHeads * layer.headSize
    let seen = (0..<tokens).map { token in
      (0..<positions).filter { layer.allows(query: firstPosition + token, key: $0) }
    }
    let bounds = concurrentMap(exact.elements.count) { index -> Rational? in
      let element = index % layer.headSize
      let head = index / layer.headSize % layer.heads
      let token = index / layer.headSize / layer.heads
      let column = layer.keyValueHead(of: head) * layer.headSize + element
      let start = (head * tokens + token) * positions
      let factors = seen[token].lazy.map { weights.elements[start + $0] }
      let values = seen[token].lazy.map { value.elements[$0 * rowSize + column] }
      if Granularity.sumsExactly(factors, values) { return 0 }
      return summation(terms: seen[token].count)?.bound(absoluteSum: absoluteDot(factors, values))
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// An upper bound of Σ |aⱼ|·|bⱼ|.
  ///
  /// Each product of two Float32s is exact in Float64, and each sum is moved up past its rounding.
  private static func absoluteDot(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Rational {
    var sum = 0.0
    for (first, second) in zip(a, b) where first != 0 && second != 0 {
      sum = (sum + Double(first.magnitude) * Double(second.magnitude)).nextUp
    }
    return Rational(exactly: sum) ?? 0
  }
}
