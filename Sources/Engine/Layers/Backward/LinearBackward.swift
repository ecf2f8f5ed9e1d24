import PlumbModel

extension Engine {
  /// The gradient of a linear layer's input: gradient · weight, `[tokens, outputs]` and `[outputs, inputs]` to
  /// `[tokens, inputs]`.
  ///
  /// *Error bound*: that of the sums in Float64, rounded once.
  public static func linearBackward(
    _ gradient: Activation<Float>, weight: Activation<Float>
  ) -> Activation<Float> {
    let rows = (0..<gradient.rows).map { product(gradient.wideRow($0), weight) }
    return .rounded(rows, shape: gradient.shape.dropLast() + [weight.columns])
  }

  /// The gradient of a linear layer's weight: the sums over tokens of gradient · x.
  ///
  /// *Error bound*: that of the sums in Float64, rounded once.
  public static func linearWeightBackward(
    _ gradient: Activation<Float>, x: Activation<Float>
  ) -> Activation<Float> {
    let rows = (0..<gradient.columns).map { output in
      product((0..<gradient.rows).map { Double(gradient.elements[$0 * gradient.columns + output]) }, x)
    }
    return .rounded(rows, shape: [gradient.columns, x.columns])
  }

  /// The gradient of a bias: the sums of the gradient over tokens.
  ///
  /// *Error bound*: that of the sums in Float64, rounded once.
  public static func biasBackward(_ gradient: Activation<Float>) -> Activation<Float> {
    let ones = [Double](repeating: 1, count: gradient.rows)
    return .rounded([product(ones, gradient)], shape: [gradient.columns])
  }

  /// The gradient of an unembedding's input: gradient · weight, through the slope of the soft cap where there is one.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  public static func unembeddingBackward(
    _ x: Activation<Float>, weight: Activation<Float>, gradient: Activation<Float>, softCap: Float?
  ) -> Activation<Float> {
    guard let softCap else { return linearBackward(gradient, weight: weight) }
    let rows = (0..<x.rows).map { token -> [Double] in
      let x = x.wideRow(token)
      let tanh = hyperbolicTangents((0..<weight.rows).map { x.dot(weight.wideRow($0)) / Double(softCap) })
      return product(zip(gradient.wideRow(token), tanh).map { $0 * (1 - $1 * $1) }, weight)
    }
    return .rounded(rows, shape: x.shape)
  }

  /// The sums of the rows of `matrix`, each times its number of `factors`.
  static func product(_ factors: [Double], _ matrix: Activation<Float>) -> [Double] {
    var sums = [Double](repeating: 0, count: matrix.columns)
    for (index, factor) in factors.enumerated() {
      for (column, value) in matrix.row(index).enumerated() { sums[column] += factor * Double(value) }
    }
    return sums
  }
}
