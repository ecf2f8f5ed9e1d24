import PlumbModel

/// y[t] = weight[token t]: a copy.
package struct Embedding<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var tokens: [Int]
  package let weight: Weights<Context.Number>
  /// Whether the weights stand as `[hidden, vocabulary]`.
  package var isTransposed = false
  package var scaled: RowFunction<Context> = { $0 }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ tokens: [Int], weight: Weights<Context.Number>, in context: Context) {
    self.context = context
    self.tokens = tokens
    self.weight = weight
  }

  package func forward() -> Activation<Context.Number> {
    let rows = tokens.map { token in
      round(scaled(context.row(isTransposed ? weight.transposedRow(token) : weight.row(token))))
    }
    return Row.tensor(rows, shape: [tokens.count, weight.columns])
  }
}
