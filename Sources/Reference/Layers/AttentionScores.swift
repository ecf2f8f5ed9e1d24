import PlumbExact
import PlumbModel

extension Reference {
  /// The scaled scores Σᵢ query[t, h, i] · key[s, g(h), i] / √headSize, `[heads, tokens, positions]`.
  ///
  /// `query` is `[tokens, heads, headSize]`, `key` `[positions, keyValueHeads, headSize]`; row 0 of `query` stands at
  /// `firstPosition`, row 0 of `key` at 0. Elements that the mask excludes hold no value: they are 0 here.
  /// *Error bound*: encloses the true values; from exact inputs to `precision` bits, or exact where headSize is a
  /// square.
  /// - Throws: never for a positive head size.
  public static func attentionScores(
    _ query: Activation<Ball>, _ key: Activation<Ball>, _ layer: AttentionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let (tokens, positions) = (query.shape[0], key.shape[0])
    let scale = try reciprocalSquareRoot(layer.headSize, precision: precision)
    let elements = concurrentMap(layer.heads * tokens) { row -> [Ball] in
      let (head, token) = (row / tokens, row % tokens)
      let queryHead = query.row(token * layer.heads + head)
      return (0..<positions).map { position in
        guard layer.allows(query: firstPosition + token, key: position) else { return Ball(0) }
        let keyHead = key.row(position * layer.keyValueHeads + layer.keyValueHead(of: head))
        let sum = zip(queryHead, keyHead).reduce(Ball(0)) { $0 + $1.0 * $1.1 }
        return (sum * scale).settled(precision)
      }
    }
    return Activation(shape: [layer.heads, tokens, positions], elements: Array(elements.joined()))
  }

  /// 1/√`size`, exact where `size` is a square.
  private static func reciprocalSquareRoot(_ size: Int, precision: Int) throws(EnclosureError) -> Ball {
    let root = Integer(size).squareRoot()
    if root * root == Integer(size) { return Ball(Rational(1, over: root)) }
    return try Ball.reciprocalSquareRoot(Ball(Rational(Integer(size))), precision: precision)
  }
}
