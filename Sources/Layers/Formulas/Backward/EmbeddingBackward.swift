import PlumbModel

/// dweight[v] = before[v] + Σ gradient[t] over the tokens t that are v, in any order.
package struct EmbeddingBackward<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var tokens: [Int]
  package var gradient: Activation<Context.Number>
  /// The gradient so far, `[vocabulary, hidden]`.
  package var before: Activation<Context.Number>
  /// The places of the tokens that are added to a row, of those that are its own.
  package var counted: @Sendable (_ places: [Int], _ row: Int) -> [Int] = { places, _ in places }
  package var sum: @Sendable (_ terms: Row<Context>) -> Scalar<Context> = { $0.total }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ tokens: [Int], gradient: Activation<Context.Number>, before: Activation<Context.Number>, in context: Context
  ) {
    self.context = context
    self.tokens = tokens
    self.gradient = gradient
    self.before = before
  }

  package func forward() -> Activation<Context.Number> {
    let columns = before.columns
    let rows = (0..<before.rows).map { index -> Row<Context> in
      let places = counted(tokens.indices.filter { tokens[$0] == index }, index)
      let sums = (0..<columns).map { column in
        let terms =
          [before.elements[index * columns + column]] + places.map { gradient.elements[$0 * columns + column] }
        return sum(context.row(terms)).number
      }
      return round(context.row(sums))
    }
    return Row.tensor(rows, shape: before.shape)
  }
}
