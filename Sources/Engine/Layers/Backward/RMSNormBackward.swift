import PlumbModel

extension Engine {
  /// The gradient of root-mean-square normalisation's input: (h − x̂·mean(h·x̂))·r, h = gradient·weight.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  ///
  /// - Precondition: `gradient` has the shape of `x`.
  package static func rmsNormBackward(
    _ x: Activation<Float>, gradient: Activation<Float>, weight: [Float], epsilon: Float, addsOne: Bool
  ) -> Activation<Float> {
    let weights = weight.map { Double($0) + (addsOne ? 1 : 0) }
    let rows = (0..<x.rows).map { index -> [Double] in
      let weighted = zip(gradient.wideRow(index), weights).map { $0 * $1 }
      let (normalised, factor) = rootMeanSquare(x.wideRow(index), epsilon)
      let mean = weighted.dot(normalised) / Double(x.columns)
      return zip(weighted, normalised).map { ($0 - $1 * mean) * factor }
    }
    return .rounded(rows, shape: x.shape)
  }

  /// The gradient of root-mean-square normalisation's weight: the sums over tokens of gradient·x̂.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func rmsNormWeightBackward(
    _ x: Activation<Float>, gradient: Activation<Float>, epsilon: Float
  ) -> Activation<Float> {
    weightGradient(gradient) { rootMeanSquare(x.wideRow($0), epsilon).normalised }
  }

  /// x·r and r = 1/√(mean(x²) + epsilon).
  private static func rootMeanSquare(_ row: [Double], _ epsilon: Float) -> (normalised: [Double], factor: Double) {
    let factor = 1 / (row.dot(row) / Double(row.count) + Double(epsilon)).squareRoot()
    return (row.map { $0 * factor }, factor)
  }

  /// The sums over tokens of the products of a gradient and the normalised row of a token.
  static func weightGradient(
    _ gradient: Activation<Float>, _ normalised: (Int) -> [Double]
  ) -> Activation<Float> {
    var sums = [Double](repeating: 0, count: gradient.columns)
    for token in 0..<gradient.rows {
      for (column, terms) in zip(gradient.wideRow(token), normalised(token)).enumerated() {
        sums[column] += terms.0 * terms.1
      }
    }
    return .rounded([sums], shape: [sums.count])
  }
}
