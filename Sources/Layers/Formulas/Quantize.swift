import PlumbModel

/// q[i] = x[i] / s on a grid, s = a / m, with a the greatest magnitude of the row and m the grid's greatest number; 0 where the row is zero.
///
/// Kernels divide by s, multiply by 1/s, or multiply by m/a. The last rounding, to the grid, is theirs: the exact value is the quotient.
package struct Quantize<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var x: Activation<Context.Number>
  package var layer: QuantizeLayer
  /// The greatest number of the grid.
  package var limit: Double
  /// The least that counts as a greatest magnitude; 0 for none.
  package var least: Double
  /// The greatest magnitude of each row.
  package var greatest: @Sendable ([Row<Context>]) -> [Scalar<Context>] = { $0.map(\.greatestMagnitude) }
  /// The scale from the greatest magnitude and the greatest number.
  package var scale: @Sendable (_ greatest: Scalar<Context>, _ limit: Scalar<Context>) -> Scalar<Context> = { $0 / $1 }
  /// The row in units of its scale.
  package var ratio: @Sendable (_ layer: Self, _ row: Row<Context>, _ greatest: Scalar<Context>) -> Row<Context> = {
    layer, row, greatest in
    let limit = greatest.parameter(layer.limit)
    return .oneOf(
      layer.context,
      ([.divided], { row.divided(by: greatest.divided(by: limit).stored) }),
      ([.reciprocal], { row * (1 / layer.scale(greatest, limit).stored).stored }),
      ([.multiplied], { row * (limit / greatest).stored }))
  }
  /// The row's numbers on the grid.
  package var rounded: @Sendable (_ row: Row<Context>, _ grid: NumberGrid) -> Row<Context> = { $0.onGrid($1) }
  package var round: RowFunction<Context> = { $0 }

  package init(_ x: Activation<Context.Number>, _ layer: QuantizeLayer, in context: Context) {
    self.context = context
    self.x = x
    self.layer = layer
    (limit, least) = (layer.grid.greatest, Double(layer.least))
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<x.rows).map { context.row(x.row($0)) }
    let greatest = greatest(rows).map { least > 0 ? $0.kept(from: least) : $0 }
    let results = context.map(rows.count) { index -> [Context.Number] in
      let row = rows[index]
      guard least > 0 || !row.isZero else { return [Context.Number](repeating: context.exact(0), count: row.count) }
      return Array(round(rounded(ratio(self, row, greatest[index]).stored, layer.grid)).numbers)
    }
    return Activation(shape: x.shape, elements: results.flattened)
  }
}
