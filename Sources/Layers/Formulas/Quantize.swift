import PlumbModel

/// q[i] = x[i] / s on a grid, s = a / m, with a the greatest magnitude of the row and m the grid's greatest number, or a power of two; 0 where
/// the row is zero.
///
/// With a scale g of the tensor x[i]·g / s, s of E4M3; 0 where that is.
///
/// Kernels divide by s, multiply by 1/s, or multiply by m/a. With g they divide x·g by s, or x by s/g, or multiply by g/s
/// or by 1/(s/g). The last rounding, to the grid, is theirs: the exact value is the quotient.
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
    let ratios = rows.scales(row)?.map { inUnits(of: $0, row.row) } ?? [ratio(rows, row.row, row.greatest)]
    return ratios.map { rounded($0.stored, rows.layer.grid) }
  }

  /// The row in units of a scale that is on a grid; 0 where that is.
  private func inUnits(of scale: Scalar<Context>, _ row: Row<Context>) -> Row<Context> {
    guard let global = rows.global.map({ scale.parameter($0) }) else {
      return .oneOf(
        context, ([.divided], { row.divided(by: scale) }), ([.reciprocal, .multiplied], { row * (1 / scale) }))
    }
    if context.row([scale.number]).isZero { return row.each { _ in context.exact(0) } }
    return .oneOf(
      context,
      ([.divided], { (row * global).stored.divided(by: scale).or(row.divided(by: scale.divided(by: global).stored)) }),
      ([.reciprocal], { row * (1 / (scale / global).stored).stored }),
      ([.multiplied], { row * (global / scale).stored }))
  }

  package func forward() -> Activation<Context.Number> {
    let scaled = rows.scaled
    let results = context.map(scaled.count) { Array(round(choice(scaled[$0])).numbers) }
    return Activation(shape: rows.x.shape, elements: results.flattened)
  }
}
