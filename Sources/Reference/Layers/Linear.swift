import PlumbExact
import PlumbModel

extension Reference {
  /// The matrix product Σⱼ weight[i, j] · x[t, j] + bias[i], `[…, outputs]` from `[…, inputs]`.
  ///
  /// *Error bound*: exact for an exact `x` of binary32 numbers; otherwise encloses the true values, to `precision` bits.
  /// - Throws: `EnclosureError` where a weight is not finite.
  /// - Precondition: `x.columns` is the number of inputs.
  public static func linear(
    _ x: Activation<Ball>, _ layer: LinearLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let bias = try layer.bias.map { bias throws(EnclosureError) in try rationals(bias) }
    return try products(x, layer.weight, precision: precision) { row, vector, output in
      let sum = vector.dot(row)
      return (bias.map { sum + Ball($0[output]) } ?? sum).settled(precision)
    }
  }

  /// The sums of magnitudes Σⱼ |weight[i, j]| · |x[t, j]|, `[…, outputs]` from `[…, inputs]`: what a bound on the rounding
  /// of a matrix product is proportional to.
  ///
  /// *Error bound*: exact for an exact `x` of binary32 numbers; otherwise at least the true value. The bias is not in it.
  /// - Throws: `EnclosureError` where a weight is not finite.
  /// - Precondition: `x.columns` is the number of inputs.
  public static func linearMagnitudes(
    _ x: Activation<Ball>, _ weight: Tensor
  ) throws(EnclosureError) -> Activation<Rational> {
    let magnitudes = x.map { Ball($0.midpoint.magnitude + $0.radius) }
    return try products(magnitudes, weight, precision: 64) { row, vector, _ in vector.dot(row.magnitudes).upper }
  }

  /// `combine` of each row of `weight` and each row of `x`, in the order of the outputs of a linear layer.
  private static func products<Element: Sendable>(
    _ x: Activation<Ball>, _ weight: Tensor, precision: Int,
    _ combine: @Sendable (IntegerRow, FixedPointVector, Int) -> Element
  ) throws(EnclosureError) -> Activation<Element> {
    precondition(x.columns == weight.columns, "tensor '\(weight.name)' has \(weight.columns) inputs, not \(x.columns)")
    let vectors = concurrentMap(x.rows) { FixedPointVector(x.row($0), precision: precision) }
    // A weight is decoded once for all rows of x.
    let columns = try concurrentMap(weight.rows) { output throws(EnclosureError) -> [Element] in
      let row = try row(output, of: weight)
      return vectors.map { combine(row, $0, output) }
    }
    let elements = vectors.indices.flatMap { token in columns.map { $0[token] } }
    return Activation(shape: x.shape.dropLast() + [weight.rows], elements: elements)
  }
}
