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
  package var exponential: RowFunction<Context> = { $0.exponentialsOfDifferences }
  /// The divisor of the exponentials of a row.
  package var divisor: @Sendable (Row<Context>) -> Scalar<Context> = { $0.total }
  /// The result from the exponentials and the divisor.
  package var quotient: @Sendable (Row<Context>, Scalar<Context>) -> Row<Context> = { $0 / $1 }
  package var round: RowFunction<Context> = { $0.result }

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
    let x = isAlongColumns ? x.transposed : x
    let results = context.map(rows) { index -> [Context.Number] in
      let counted = counted?(index) ?? 0..<columns
      let exponentials = exponential(shifted(context.row(x.row(index))[counted]))
      let result = round(quotient(exponentials, divisor(exponentials))).numbers
      if counted.count == columns { return Array(result) }
      func zeros(_ count: Int) -> [Context.Number] { [Context.Number](repeating: context.exact(0), count: count) }
      return zeros(counted.lowerBound) + result + zeros(columns - counted.upperBound)
    }
    let result = Activation(shape: x.shape, elements: results.flattened)
    return isAlongColumns ? result.transposed.reshaped(self.x.shape) : result
  }
}
