import PlumbBounds
import PlumbEngine
import PlumbModel

extension Filter {
  /// A matrix product.
  ///
  /// *Error bound*: products of two Float32s are exact in Float64; their sum keeps what its additions lose, and its proof
  /// stands there. The sum of magnitudes is off by a relative n·2⁻⁵³.
  static func linear(
    _ x: Activation<Float>, _ weight: Activation<Float>, bias: Activation<Float>?
  ) -> FilteredExpectation? {
    let (terms, outputs) = (x.columns, weight.rows)
    guard terms < 1 << 20, let sums = Checks.summation(terms: terms, further: bias == nil ? 0 : 1) else { return nil }
    var result = FilteredExpectation(capacity: x.rows * outputs)
    let (inputs, weights) = (x.elements.span, weight.elements.span)
    for row in 0..<x.rows {
      for output in 0..<outputs {
        var sum = ProductSum()
        for index in 0..<terms { sum.add(inputs[row &* terms &+ index], weights[output &* terms &+ index]) }
        if let bias { sum.add(bias.elements[output]) }
        let bound =
          isExact(sum, row: row, output: output, x, weight, bias)
          ? NearBound(lower: 0, upper: 0)
          : sum.bound(sums)
        result.append(sum.near, bound)
      }
    }
    return result
  }

  /// Whether no partial sum can round, whatever the order.
  ///
  /// The first factors tell almost always that one may, and then nobody looks at the others.
  private static func isExact(
    _ sum: ProductSum, row: Int, output: Int, _ x: Activation<Float>, _ weight: Activation<Float>,
    _ bias: Activation<Float>?
  ) -> Bool {
    let (inputs, weights) = (x.row(row), weight.row(output))
    guard sum.mayBeExact(inputs.first, weights.first) else { return false }
    var granularity = Granularity()
    for (first, second) in zip(inputs, weights) { granularity.add(first, second) }
    if let bias { granularity.add(bias.elements[output]) }
    return sum.isExact(granularity)
  }

  /// Scaled scores: the sum keeps what it loses; the scale's root and quotient, or its product, round once each, neither
  /// where the scale is a power of two.
  static func attentionScores(_ input: CheckedCase) -> FilteredExpectation? {
    let (query, key, layer) = (input.real("query"), input.real("key"), AttentionPart.layer(input))
    let (heads, headSize) = (layer.heads, layer.headSize)
    let (tokens, positions, first) = (query.shape[0], key.shape[0], input.integer("firstPosition"))
    // A soft cap and a linear bias are the exact path's.
    guard layer == layer.scalingOnly, headSize < 1 << 20, let sums = Checks.summation(terms: headSize) else {
      return nil
    }
    let declared = Engine.attentionScaleRelativeError(layer)
    let scale = layer.scale.map { Double($0) } ?? 1 / Double(headSize).squareRoot()
    var result = FilteredExpectation(
      capacity: heads * tokens * positions,
      holdsValue: input.holdsValue)
    for row in 0..<heads * tokens {
      let (head, token) = (row / tokens, row % tokens)
      let queries = query.row(token * heads + head)
      for position in 0..<positions {
        guard layer.allows(query: first + token, key: position) else {
          result.append(Near(exactly: 0), NearBound(lower: 0, upper: 0))
          continue
        }
        let keys = key.row(position * layer.keyValueHeads + layer.keyValueHead(of: head))
        var (sum, granularity) = (ProductSum(), Granularity())
        for (a, b) in zip(queries, keys) {
          sum.add(a, b)
          granularity.add(a, b)
        }
        let exact = sum.near.scaled(by: scale, isPowerOfTwo: declared == 0)
        if declared == 0 && sum.isExact(granularity) {
          result.append(exact, .oneRounding(of: exact))
          continue
        }
        let bound = sum.bound(sums)
        guard bound.upper < .infinity else {
          result.append(exact, bound)
          continue
        }
        // The exact path's scale is exact, or an upper bound of 64 bits; the one here is off by a few roundings.
        let least = NearBound.oneRounding(
          of: exact, relativeError: declared, absoluteError: bound.lower * scale * (1 + declared))
        let greatest = NearBound.oneRounding(
          of: exact, relativeError: declared, absoluteError: bound.upper * scale * (1 + declared))
        result.append(exact, NearBound(lower: least.lower, upper: greatest.upper))
      }
    }
    return result
  }

  /// Weighted values: sums over the positions that the mask allows.
  static func attentionValues(_ input: CheckedCase) -> FilteredExpectation? {
    let (weights, value, layer) = (
      input.real("weights"), input.real("value"), AttentionPart.layer(input, hasScores: false)
    )
    let (heads, headSize) = (layer.heads, layer.headSize)
    let (tokens, positions, first) = (weights.shape[1], weights.shape[2], input.integer("firstPosition"))
    guard positions < 1 << 20 else { return nil }
    let rowSize = layer.keyValueHeads * headSize
    var result = FilteredExpectation(capacity: tokens * heads * headSize)
    for token in 0..<tokens {
      let seen = (0..<positions).filter { layer.allows(query: first + token, key: $0) }
      guard let sums = Checks.summation(terms: seen.count) else { return nil }
      for head in 0..<heads {
        let start = (head * tokens + token) * positions
        for element in 0..<headSize {
          let column = layer.keyValueHead(of: head) * headSize + element
          var (sum, granularity) = (ProductSum(), Granularity())
          for position in seen {
            let (factor, value) = (weights.elements[start + position], value.elements[position * rowSize + column])
            sum.add(factor, value)
            granularity.add(factor, value)
          }
          result.append(
            sum.near,
            sum.isExact(granularity)
              ? NearBound(lower: 0, upper: 0) : sum.bound(sums))
        }
      }
    }
    return result
  }

  /// The cosines of rows.
  ///
  /// *Error bound*: the sums of squares are off by 1.1 u, relative, and the roots by 1.6 u; their product and the quotient
  /// round once each: 5.2 u of the cosine, which is at most 1, besides the dot product's own error over the norms.
  static func cosineSimilarity(_ x: Activation<Float>, _ y: Activation<Float>) -> FilteredExpectation? {
    let count = x.columns
    guard 1..<1 << 20 ~= count else { return nil }
    let declared = Engine.cosineSimilarityError(terms: count)
    func norms(_ x: Activation<Float>) -> [Double] {
      (0..<x.rows).map { row in
        var squares = KeptSum()
        for element in x.row(row) { squares.add(Double(element) * Double(element)) }
        return squares.rounded.squareRoot()
      }
    }
    let (first, second) = (norms(x), norms(y))
    var result = FilteredExpectation(capacity: x.rows * y.rows)
    for row in 0..<x.rows {
      for other in 0..<y.rows {
        var sum = ProductSum()
        for (a, b) in zip(x.row(row), y.row(other)) { sum.add(a, b) }
        let norm = first[row] * second[other]
        let dot = sum.near
        let value = norm == 0 ? 0 : dot.value / norm
        let error =
          norm == 0
          ? 0 : value.magnitude * (6 * 0x1p-53) + (dot.rest.magnitude + dot.error) / norm * (1 + 0x1p-48)
        let exact = Near(value, error: error)
        result.append(exact, .oneRounding(of: exact, relativeError: declared, absoluteError: declared))
      }
    }
    return result
  }
}

extension Near {
  /// The product with `scale`, the exact one to within three roundings; exact where that is a power of two, since nothing
  /// underflows.
  ///
  /// The scale's error and the product's rounding are relative; the product with the rest is far smaller.
  func scaled(by scale: Double, isPowerOfTwo: Bool) -> Near {
    let (value, rest) = (value * scale, rest * scale)
    return isPowerOfTwo
      ? Near(value, rest, error: error * scale)
      : Near(value, rest, error: (error * scale + value.magnitude * 0x1p-50).nextUp)
  }
}
