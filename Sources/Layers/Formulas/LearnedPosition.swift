import PlumbModel

/// y[t] = x[t] + weight[firstPosition + t].
package struct LearnedPosition<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package let weight: Weights<Context.Number>
  /// The row of weights of a token.
  package var position: @Sendable (_ token: Int) -> Int
  package var sum: @Sendable (_ x: Row<Context>, _ row: Row<Context>) -> Row<Context> = { $0 + $1 }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, weight: Weights<Context.Number>, firstPosition: Int, in context: Context
  ) {
    self.context = context
    self.x = x
    self.weight = weight
    position = { firstPosition + $0 }
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<x.rows).map { round(sum(context.row(x.row($0)), context.row(weight.row(position($0))))) }
    return Row.tensor(rows, shape: x.shape)
  }
}
