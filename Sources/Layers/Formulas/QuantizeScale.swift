import PlumbModel

/// s = a / m for each row, with a the greatest magnitude of the row, or the least that counts, and m the grid's greatest number; 0 where a is 0.
///
/// Kernels divide, multiply by 1/m, or take the reciprocal of m/a.
package struct QuantizeScale<Context: ArithmeticContext>: LayerFormula {
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
  package var scale: @Sendable (_ greatest: Scalar<Context>, _ limit: Scalar<Context>) -> Scalar<Context> = {
    greatest, limit in
    .oneOf(
      greatest.context, ([.divided], { greatest.divided(by: limit) }), ([.reciprocal], { greatest * (1 / limit) }),
      ([.multiplied], { 1 / (limit / greatest) }))
  }
  /// The scale as it is stored.
  package var kept: @Sendable (_ scale: Scalar<Context>, _ grid: NumberGrid?) -> Scalar<Context> = { scale, grid in
    grid.map { scale.onGrid($0) } ?? scale.each(scale.context.result)
  }
  package var round: RowFunction<Context> = { $0 }

  package init(_ x: Activation<Context.Number>, _ layer: QuantizeLayer, in context: Context) {
    self.context = context
    self.x = x
    self.layer = layer
    (limit, least) = (layer.grid.greatest, Double(layer.least))
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<x.rows).map { context.row(x.row($0)) }
    let scales = zip(rows, greatest(rows)).map { row, greatest -> Context.Number in
      guard least > 0 || !row.isZero else { return context.exact(0) }
      let greatest = least > 0 ? greatest.kept(from: least) : greatest
      return kept(scale(greatest, greatest.parameter(limit)), layer.scaleGrid).number
    }
    return Row.tensor([round(context.row(scales))], shape: [x.rows])
  }
}
