import PlumbModel

/// q[i] = x[i] / s on a grid, s = a / m, with a the greatest magnitude of the row and m the grid's greatest number, or a power of two; 0 where
/// the row is zero.
///
/// Kernels divide by s, multiply by 1/s, or multiply by m/a. The last rounding, to the grid, is theirs: the exact value is the quotient.
package struct Quantize<Context: ArithmeticContext>: QuantiserFormula {
  package typealias Ratio =
    @Sendable (_ rows: QuantisedRows<Context>, _ row: Row<Context>, _ greatest: Scalar<Context>) -> Row<Context>

  package var rows: QuantisedRows<Context>
  /// The row in units of a scale that is a quotient.
  package var ratio: Ratio = { rows, row, greatest in
    let limit = greatest.parameter(rows.limit)
    return .oneOf(
      rows.context,
      ([.divided], { row.divided(by: greatest.divided(by: limit).stored) }),
      ([.reciprocal], { row * (1 / (greatest / limit).stored).stored }),
      ([.multiplied], { row * (limit / greatest).stored }))
  }
  /// The row's numbers on the grid.
  package var rounded: @Sendable (_ row: Row<Context>, _ grid: NumberGrid) -> Row<Context> = { $0.onGrid($1) }
  package var round: RowFunction<Context> = { $0 }

  package init(_ rows: QuantisedRows<Context>) { self.rows = rows }

  package func choices(_ row: QuantisedRows<Context>.Scaled) -> [Row<Context>] {
    if row.isZero { return [row.row.each { _ in context.exact(0) }] }
    let ratios =
      rows.powers(row)?.map { power in
        Row.oneOf(
          context, ([.divided], { row.row.divided(by: power) }),
          ([.reciprocal, .multiplied], { row.row * (1 / power) }))
      } ?? [ratio(rows, row.row, row.greatest)]
    return ratios.map { rounded($0.stored, rows.layer.grid) }
  }

  package func forward() -> Activation<Context.Number> {
    let scaled = rows.scaled
    let results = context.map(scaled.count) { Array(round(choice(scaled[$0])).numbers) }
    return Activation(shape: rows.x.shape, elements: results.flattened)
  }
}
