import PlumbExact
import PlumbModel

extension Reference {
  /// The scaled scores scale · Σᵢ query[t, h, i] · key[s, g(h), i], soft-capped and with a linear bias where the layer says so,
  /// `[heads, tokens, positions]`.
  ///
  /// `query` is `[tokens, heads, headSize]`, `key` `[positions, keyValueHeads, headSize]`; row 0 of `query` stands at
  /// `firstPosition`, row 0 of `key` at 0. Elements that the mask excludes hold no value: they are 0 here.
  /// *Error bound*: encloses the true values; from exact inputs to `precision` bits, or exact where the scale is
  /// rational, there is no soft cap, and slopes are powers of two.
  /// - Throws: `EnclosureError` where the scale or the soft cap is not positive and finite, or there are no elements.
  package static func attentionScores(
    _ query: Activation<Ball>, _ key: Activation<Ball>, _ layer: AttentionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let (tokens, positions) = (query.shape[0], key.shape[0])
    let scale = try scale(of: layer, precision: precision)
    let elements = concurrentMap(layer.heads * tokens) { row -> [Ball] in
      let (head, token) = (row / tokens, row % tokens)
      let queryHead = query.row(token * layer.heads + head)
      return (0..<positions).map { position in
        guard layer.allows(query: firstPosition + token, key: position) else { return Ball(0) }
        let keyHead = key.row(position * layer.keyValueHeads + layer.keyValueHead(of: head))
        return (Ball.dot(queryHead, keyHead) * scale).settled(precision)
      }
    }
    let scores = Activation(shape: [layer.heads, tokens, positions], elements: Array(elements.joined()))
    let capped = try layer.softCap.map { cap throws(EnclosureError) in
      try softCapped(scores, cap, precision: precision)
    }
    return try biased(capped ?? scores, layer, firstPosition: firstPosition, precision: precision)
  }

  /// The factor that the sums are multiplied by.
  package static func scale(of layer: AttentionLayer, precision: Int) throws(EnclosureError) -> Ball {
    let scale = try unstretchedScale(of: layer, precision: precision)
    guard let stretch = try magnitude(layer.stretch, precision: precision + 8) else { return scale }
    return (scale * stretch * stretch).settled(precision)
  }

  private static func unstretchedScale(
    of layer: AttentionLayer, precision: Int
  ) throws(EnclosureError) -> Ball {
    guard let scale = layer.scale else { return try reciprocalSquareRoot(layer.sizeOfScale, precision: precision) }
    guard scale > 0, let scale = Rational(exactly: scale) else {
      throw .argumentOutsideDomain(function: "attentionScores: scale \(scale)")
    }
    return Ball(scale)
  }

  /// 1/√`size`, exact where `size` is a square.
  private static func reciprocalSquareRoot(_ size: Int, precision: Int) throws(EnclosureError) -> Ball {
    let root = Integer(size).squareRoot()
    if root * root == Integer(size) { return Ball(Rational(1, over: root)) }
    return try Ball.reciprocalSquareRoot(Ball(Rational(Integer(size))), precision: precision)
  }
}
