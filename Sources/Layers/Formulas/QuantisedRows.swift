import PlumbModel

/// The rows that a quantiser takes, and what its numbers and its scales are both made of.
package struct QuantisedRows<Context: ArithmeticContext>: Sendable {
  package let context: Context
  package var x: Activation<Context.Number>
  package var layer: QuantizeLayer
  /// The greatest number of the grid.
  package var limit: Double
  /// The least that counts as a greatest magnitude; 0 for none.
  package var least: Double
  /// The rule for a scale that is a power of two or of E4M3; `nil` where it is a quotient.
  package var rule: ScaleRule?
  /// The scale of the whole tensor, where numbers have that beside their row's.
  package var global: Double?
  /// Whether each row's scale is negative.
  package var isNegative: [Bool]
  /// The greatest magnitude of each row.
  package var greatest: @Sendable ([Row<Context>]) -> [Scalar<Context>] = { $0.map(\.greatestMagnitude) }

  package init(_ x: Activation<Context.Number>, _ layer: QuantizeLayer, isNegative: [Bool], in context: Context) {
    self.context = context
    self.x = x
    self.layer = layer
    self.isNegative = isNegative
    (limit, least, rule, global) = (layer.grid.greatest, Double(layer.least), layer.rule, layer.rule?.global)
  }

  /// A row, and the greatest magnitude that its scale is made of, with the scale's sign.
  package struct Scaled: Sendable {
    package let row: Row<Context>
    package let greatest: Scalar<Context>
    /// Whether it is a row of zeros, and no least greatest magnitude is given.
    package let isZero: Bool
  }

  /// Each row.
  package var scaled: [Scaled] {
    let rows = (0..<x.rows).map { context.row(x.row($0)) }
    return zip(rows, zip(greatest(rows), isNegative)).map { row, of in
      let greatest = least > 0 ? of.0.kept(from: least) : of.0
      return Scaled(row: row, greatest: of.1 ? -greatest : greatest, isZero: least == 0 && row.isZero)
    }
  }

  /// The numbers that may be the scale of a row; `nil` where it is a quotient.
  package func scales(_ row: Scaled) -> [Scalar<Context>]? {
    rule.map { context.scales(of: row.greatest.number, $0).map { Scalar($0, context) } }
  }
}
