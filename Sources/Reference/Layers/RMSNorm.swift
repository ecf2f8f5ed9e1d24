import PlumbExact
import PlumbModel

extension Reference {
  /// Root-mean-square normalisation: xᵢ · weightᵢ / √(mean(x²) + epsilon) along the last axis, in the shape of `x`; with
  /// 1 + weightᵢ where the layer `addsOne`.
  ///
  /// With `columns`, these elements of each row alone.
  /// *Error bound*: encloses the true values; from an exact `x`, to `precision` bits.
  /// - Throws: `EnclosureError` where epsilon is 0 and a row cannot be told from zeros, or a weight is not finite.
  package static func rmsNorm(
    _ x: Activation<Ball>, _ layer: RMSNormLayer, columns: [Int]? = nil, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    guard let epsilon = Rational(exactly: layer.epsilon) else {
      throw .argumentOutsideDomain(function: "rmsNorm: epsilon \(layer.epsilon)")
    }
    // The mean of nothing is not defined, and nothing is what would be divided by it.
    guard x.columns > 0 else { return x }
    let weights = try row(0, of: layer.weight)
    let columns = columns ?? Array(0..<x.columns)
    let rows = try concurrentMap(x.rows) { index throws(EnclosureError) -> [Ball] in
      let row = x.row(index)
      var squares = BallSum()
      for x in row { squares.add(x.power(2)) }
      let meanSquare = squares.value * Ball(Rational(1, over: Integer(row.count)))
      let scale = try Ball.reciprocalSquareRoot(meanSquare + Ball(epsilon), precision: precision)
      return columns.map { column in
        let weight = layer.addsOne ? 1 + weights[column] : weights[column]
        return (row[row.startIndex + column] * scale * Ball(weight)).settled(precision)
      }
    }
    return Activation(shape: x.shape.dropLast() + [columns.count], elements: Array(rows.joined()))
  }
}
