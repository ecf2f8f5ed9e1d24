import PlumbExact
import PlumbModel

extension Reference {
  /// The matrix product Σⱼ weight[i, j] · x[t, j] + bias[i], `[…, outputs]` from `[…, inputs]`.
  ///
  /// *Error bound*: exact for an exact `x` of binary32 numbers; otherwise encloses the true values, to `precision` bits.
  /// - Throws: `EnclosureError` where a weight is not finite.
  /// - Precondition: `x.columns` is the number of inputs.
  package static func linear(
    _ x: Activation<Ball>, _ layer: LinearLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let bias = try layer.bias.map { bias throws(EnclosureError) in try rationals(bias) }
    return try products(x, layer.weight, precision: precision) { row in
      row
    } result: { sum, output in
      (bias.map { sum + Ball($0[output]) } ?? sum).settled(precision)
    }
  }

  /// The sums of magnitudes Σⱼ |weight[i, j]| · |x[t, j]|, `[…, outputs]` from `[…, inputs]`: what a bound on the rounding
  /// of a matrix product is proportional to.
  ///
  /// *Error bound*: exact for an exact `x` of binary32 numbers; otherwise at least the true value. The bias is not in it.
  /// - Throws: `EnclosureError` where a weight is not finite.
  /// - Precondition: `x.columns` is the number of inputs.
  package static func linearMagnitudes(
    _ x: Activation<Ball>, _ weight: Tensor
  ) throws(EnclosureError) -> Activation<Rational> {
    let magnitudes = x.map { Ball($0.midpoint.magnitude + $0.radius) }
    return try products(magnitudes, weight, precision: 64) { row in
      row.magnitudes
    } result: { sum, _ in
      sum.upper
    }
  }

  /// The dot products of all rows of `x` with each row of `weight`, in the order of a linear layer's outputs.
  ///
  /// `prepare` changes each row of `weight` before it is multiplied, and `result` makes an element of each dot product. Rows
  /// of weights are decoded once for all rows of `x`. A panel's worth of them is multiplied at once where that is faster; one
  /// at a time elsewhere, and of a matrix with few rows.
  private static func products<Element: Sendable>(
    _ x: Activation<Ball>, _ weight: Tensor, precision: Int, prepare: @Sendable (IntegerRow) -> IntegerRow,
    result: @Sendable (_ sum: Ball, _ output: Int) -> Element
  ) throws(EnclosureError) -> Activation<Element> {
    precondition(x.columns == weight.columns, "tensor '\(weight.name)' has \(weight.columns) inputs, not \(x.columns)")
    let vectors = concurrentMap(x.rows) { FixedPointVector(x.row($0), precision: precision) }
    let inPanels = weight.rows >= fewRows && PackedVector.isFaster
    let packed = inPanels ? concurrentMap(vectors.count) { PackedVector(vectors[$0]) } : []
    let columns = try concurrentMap((weight.rows + panelRows - 1) / panelRows) {
      panel throws(EnclosureError) -> [[Element]] in
      let outputs = panel * panelRows..<min((panel + 1) * panelRows, weight.rows)
      let rows = try outputs.map { output throws(EnclosureError) in prepare(try row(output, of: weight)) }
      let sums = inPanels ? PackedVector.dots(rows, packed) : rows.map { row in vectors.map { $0.dot(row) } }
      return zip(sums, outputs).map { sums, output in sums.map { result($0, output) } }
    }
    let elements = vectors.indices.flatMap { token in columns.flatMap { panel in panel.map { $0[token] } } }
    return Activation(shape: x.shape.dropLast() + [weight.rows], elements: elements)
  }

  /// The rows of weights that are multiplied together.
  private static let panelRows = 32
  /// Below as many rows a panel would be mostly empty.
  private static let fewRows = 4
}
