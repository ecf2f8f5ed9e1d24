import PlumbExact
import PlumbModel

extension Reference {
  /// The cosines Σᵢ x[t, i]·y[s, i] / (‖x[t]‖·‖y[s]‖) of each row of `x` with each row of `y`, `[tokens, others]`.
  ///
  /// *Edge cases*: 0 where a row is wholly zero.
  /// *Error bound*: encloses the true values within [−1, 1]; from exact inputs, to about `precision` bits.
  /// - Throws: `EnclosureError` where a row that is not exact cannot be told from zeros.
  package static func cosineSimilarity(
    _ x: Activation<Ball>, _ y: Activation<Ball>, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    func squares(_ row: ArraySlice<Ball>) -> Ball { row.reduce(Ball(0)) { $0 + $1.power(2) } }
    let (left, right) = ((0..<x.rows).map { squares(x.row($0)) }, (0..<y.rows).map { squares(y.row($0)) })
    let elements = try concurrentMap(left.count * right.count) { index throws(EnclosureError) -> Ball in
      let (token, other) = (index / right.count, index % right.count)
      let product = left[token] * right[other]
      if product.isExact && product.midpoint.isZero { return Ball(0) }
      let dot = zip(x.row(token), y.row(other)).reduce(Ball(0)) { $0 + $1.0 * $1.1 }
      let cosine = (dot * (try Ball.reciprocalSquareRoot(product, precision: precision + 8))).settled(precision)
      return Ball(lower: max(-1, cosine.lower), upper: min(1, cosine.upper))
    }
    return Activation(shape: [x.rows, y.rows], elements: elements)
  }
}
