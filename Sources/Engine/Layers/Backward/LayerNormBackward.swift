import PlumbModel

extension Engine {
  /// The gradient of layer normalisation's input: (h − mean(h) − x̂·mean(h·x̂))·r, h = gradient·weight.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  ///
  /// - Precondition: `gradient` has the shape of `x`.
  package static func layerNormBackward(
    _ x: Activation<Float>, gradient: Activation<Float>, weight: [Float], epsilon: Float
  ) -> Activation<Float> {
    let rows = (0..<x.rows).map { index -> [Double] in
      let weighted = zip(gradient.wideRow(index), weight).map { $0 * Double($1) }
      let (normalised, factor) = deviations(x.wideRow(index), epsilon)
      let count = Double(x.columns)
      let (mean, share) = (weighted.total / count, weighted.dot(normalised) / count)
      return zip(weighted, normalised).map { ($0 - mean - $1 * share) * factor }
    }
    return .rounded(rows, shape: x.shape)
  }

  /// The gradient of layer normalisation's weight: the sums over tokens of gradient·x̂.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func layerNormWeightBackward(
    _ x: Activation<Float>, gradient: Activation<Float>, epsilon: Float
  ) -> Activation<Float> {
    weightGradient(gradient) { deviations(x.wideRow($0), epsilon).normalised }
  }

  /// (x − mean(x))·r and r = 1/√(variance(x) + epsilon).
  private static func deviations(_ row: [Double], _ epsilon: Float) -> (normalised: [Double], factor: Double) {
    let count = Double(row.count)
    let mean = row.total / count
    let deviations = row.map { $0 - mean }
    let factor = 1 / (deviations.dot(deviations) / count + Double(epsilon)).squareRoot()
    return (deviations.map { $0 * factor }, factor)
  }
}
