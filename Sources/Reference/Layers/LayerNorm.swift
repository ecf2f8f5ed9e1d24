import PlumbExact
import PlumbModel

extension Reference {
  /// Layer normalisation: (xᵢ − mean(x)) / √(variance(x) + epsilon) · weightᵢ + biasᵢ along the last axis, in the shape of
  /// `x`.
  ///
  /// *Error bound*: encloses the true values; from an exact `x`, the normalised values before the bias to `precision`
  /// bits.
  /// - Throws: `EnclosureError` where epsilon is 0 and a row cannot be told from one of equal elements, or a weight is not
  ///   finite.
  package static func layerNorm(
    _ x: Activation<Ball>, _ layer: LayerNormLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    guard let epsilon = Rational(exactly: layer.epsilon) else {
      throw .argumentOutsideDomain(function: "layerNorm: epsilon \(layer.epsilon)")
    }
    let weights = try rationals(layer.weight)
    let biases = try layer.bias.map { bias throws(EnclosureError) in try rationals(bias) }
    let rows = try concurrentMap(x.rows) { index throws(EnclosureError) -> [Ball] in
      let row = x.row(index)
      guard !row.isEmpty else { return [] }
      let perElement = Ball(Rational(1, over: Integer(row.count)))
      let mean = row.reduce(Ball(0), +) * perElement
      let deviations = row.map { $0 - mean }
      let variance = deviations.reduce(Ball(0)) { $0 + $1.power(2) } * perElement
      let scale = try Ball.reciprocalSquareRoot(variance + Ball(epsilon), precision: precision)
      return deviations.indices.map { element in
        let normalised = (deviations[element] * scale * Ball(weights[element])).settled(precision)
        return biases.map { normalised + Ball($0[element]) } ?? normalised
      }
    }
    return Activation(shape: x.shape, elements: Array(rows.joined()))
  }
}
