package import PlumbModel

/// y[t] = x[t] + weight[firstPosition + t].
package struct LearnedPosition<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package let weight: Weights<Context.Number>
  /// The row of weights of a token.
  package var position: @Sendable (_ token: Int) -> Int
  package var sum: @Sendable (_ x: Scalar<Context>, _ row: Scalar<Context>) -> Scalar<Context> = { $0 + $1 }
  package var round: ScalarFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, weight: Weights<Context.Number>, firstPosition: Int, in context: Context
  ) {
    self.context = context
    self.x = x
    self.weight = weight
    position = { firstPosition + $0 }
  }

  package func forward() -> Activation<Context.Number> {
    let elements = (0..<x.rows).flatMap { token in
      context.row(x.row(token)).map(with: context.row(weight.row(position(token)))) { round(sum($0, $1)) }.numbers
    }
    return Activation(shape: x.shape, elements: elements)
  }
}
