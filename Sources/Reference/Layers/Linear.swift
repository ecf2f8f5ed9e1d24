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
    return try products(x, layer.weight, precision: precision) { row, vectors, output in
      vectors.map { vector in
        let sum = vector.dot(row)
        return (bias.map { sum + Ball($0[output]) } ?? sum).settled(precision)
      }
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
    return try products(magnitudes, weight, precision: 64) { row, vectors, _ in
      let row = row.magnitudes
      return vectors.map { $0.dot(row).upper }
    }
  }

  /// What `combine` makes of each row of `weight` and all rows of `x`, in the order of a linear layer's outputs.
  ///
  /// A row of weights is decoded once for all rows of `x`.
  private static func products<Element: Sendable>(
    _ x: Activation<Ball>, _ weight: Tensor, precision: Int,
    _ combine: @Sendable (_ row: IntegerRow, _ vectors: [FixedPointVector], _ output: Int) -> [Element]
  ) throws(EnclosureError) -> Activation<Element> {
    precondition(x.columns == weight.columns, "tensor '\(weight.name)' has \(weight.columns) inputs, not \(x.columns)")
    let vectors = concurrentMap(x.rows) { FixedPointVector(x.row($0), precision: precision) }
    let columns = try concurrentMap(weight.rows) { output throws(EnclosureError) -> [Element] in
      combine(try row(output, of: weight), vectors, output)
    }
    let elements = vectors.indices.flatMap { token in columns.map { $0[token] } }
    return Activation(shape: x.shape.dropLast() + [weight.rows], elements: elements)
  }
}
