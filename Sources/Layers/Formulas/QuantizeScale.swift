import PlumbModel

/// s = a / m for each row, with a the greatest magnitude of the row, or the least that counts, and m the grid's greatest number, or a power of
/// two; 0 where a is 0 and s is no power of two.
///
/// With a scale g of the tensor it is the number of E4M3 nearest to g·a / m.
///
/// Kernels divide, multiply by 1/m, or take the reciprocal of m/a.
package struct QuantizeScale<Context: ArithmeticContext>: QuantiserFormula {
  package var rows: QuantisedRows<Context>
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

  package init(_ rows: QuantisedRows<Context>) { self.rows = rows }

  package func choices(_ row: QuantisedRows<Context>.Scaled) -> [Row<Context>] {
    if row.isZero && rows.rule == nil { return [context.row([context.exact(0)])] }
    let scales = rows.scales(row) ?? [scale(row.greatest, row.greatest.parameter(rows.limit))]
    return scales.map { context.row([kept($0, rows.layer.scaleGrid).number]) }
  }

  package func forward() -> Activation<Context.Number> {
    let scales = rows.scaled.flatMap { Array(choice($0).numbers) }
    return Row.tensor([round(context.row(scales))], shape: [rows.x.rows])
  }
}
