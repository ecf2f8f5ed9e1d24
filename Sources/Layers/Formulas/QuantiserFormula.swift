/// A layer that gives a quantiser's numbers or its scales.
package protocol QuantiserFormula: LayerFormula {
  /// The rows, and what their scales are made of.
  var rows: QuantisedRows<Context> { get set }

  init(_ rows: QuantisedRows<Context>)

  /// The results for a row: one, or where either of two powers of two may be its scale, that of each, the exact one's first.
  func choices(_ row: QuantisedRows<Context>.Scaled) -> [Row<Context>]
}

extension QuantiserFormula {
  package var context: Context { rows.context }

  /// The results for a row: the exact one, and what is computed in its place.
  func choice(_ row: QuantisedRows<Context>.Scaled) -> Row<Context> {
    let all = choices(row)
    return all.dropFirst().reduce(all[0]) { result, other in
      Row(context.paired(result.numbers, other.numbers, context.replaceable), context)
    }
  }
}
