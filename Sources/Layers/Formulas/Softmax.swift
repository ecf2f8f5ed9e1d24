package import PlumbModel

/// y[i] = e^(x[i] − m) / Σⱼ e^(x[j] − m), along the last axis, with m the greatest element.
///
/// Softmax is the same function with any number in m's place, so that a kernel's error of m is none of the result's.
package struct Softmax<Context: ArithmeticContext>: FormulaOfOneTensor {
  package let context: Context
  package var x: Activation<Context.Number>
  /// The elements of a row that count, by its index, while the others give 0; `nil` for all.
  package var counted: (@Sendable (_ row: Int) -> Range<Int>)?
  /// Whether columns are normalised instead of rows.
  package var isAlongColumns = false
  /// Each element less the greatest.
  package var shifted: @Sendable (Row<Context>) -> Row<Context> = { $0.lessGreatest }
  package var exponential: ScalarFunction<Context> = { $0.exponential() }
  /// The divisor of the exponentials of a row.
  package var divisor: @Sendable (Row<Context>) -> Scalar<Context> = { $0.total }
  package var round: ScalarFunction<Context> = { $0.result }

  package init(_ x: Activation<Context.Number>, in context: Context) {
    self.x = x
    self.context = context
  }

  /// The softmax of scores `[heads, tokens, positions]` over the positions that each token sees.
  package init(
    _ scores: Activation<Context.Number>, _ layer: AttentionLayer, firstPosition: Int, in context: Context
  ) {
    self.init(scores, in: context)
    let (tokens, positions) = (scores.shape[1], scores.columns)
    counted = { layer.seen(from: firstPosition + $0 % tokens, of: positions) }
  }

  package func forward() -> Activation<Context.Number> {
    let (rows, columns) = isAlongColumns ? (x.columns, x.rows) : (x.rows, x.columns)
    let places = (0..<rows).map { row in
      (counted?(row) ?? 0..<columns).map { isAlongColumns ? $0 * rows + row : row * columns + $0 }
    }
    let results = context.map(rows) { row(context.row(places[$0].map { x.elements[$0] })).numbers }
    var elements = [Context.Number](repeating: context.exact(0), count: x.elements.count)
    for (places, result) in zip(places, results) {
      for (place, number) in zip(places, result) { elements[place] = number }
    }
    return Activation(shape: x.shape, elements: elements)
  }

  private func row(_ x: Row<Context>) -> Row<Context> {
    let exponentials = shifted(x).map(exponential)
    let divisor = divisor(exponentials)
    return exponentials.map { round($0 / divisor) }
  }
}
