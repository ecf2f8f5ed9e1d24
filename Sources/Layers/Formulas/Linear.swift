import PlumbModel

/// y[t, i] = Σⱼ weight[i, j] · x[t, j] + bias[i]: the bias added to the sum, which may be stored, or as one of its terms.
package struct Linear<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var x: Activation<Context.Number>
  package let weight: Weights<Context.Number>
  package var bias: Row<Context>?
  /// Whether the weights stand as `[inputs, outputs]`.
  package var isTransposed = false
  /// The inputs whose products are added.
  package var counted: Range<Int>
  /// The changes of each input and each weight.
  package var readInput: RowFunction<Context> = { $0 }
  package var readWeight: RowFunction<Context> = { $0 }
  /// The sum of the products of inputs and weights, and the bias.
  package var sum:
    @Sendable (_ inputs: Row<Context>, _ weights: Row<Context>, _ bias: Scalar<Context>?) -> Scalar<Context> = {
      inputs, weights, bias in
      guard let bias else { return inputs.matrixDot(weights) }
      return (inputs.matrixDot(weights).stored + bias).or(inputs.matrixDot(weights, bias: bias))
    }
  /// The change of a token's sums.
  package var sums: (@Sendable (_ sums: Row<Context>, _ token: Int) -> Row<Context>)?
  /// The change of a sum.
  package var finish: RowFunction<Context> = { $0 }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, weight: Weights<Context.Number>, bias: Activation<Context.Number>? = nil,
    in context: Context
  ) {
    let context = context.ofWeights
    self.context = context
    self.x = x
    self.weight = weight
    self.bias = bias.map { context.row($0.elements) }
    counted = 0..<weight.columns
  }

  package func forward() -> Activation<Context.Number> {
    let x = context.activations(x)
    let inputs = (0..<x.rows).map { readInput(context.row(x.row($0)))[counted].factors }
    // A row of weights at a time.
    let columns = context.map(weight.rows) { output -> [Context.Number] in
      let row = isTransposed ? weight.transposedRow(output) : weight.row(output)
      let weights = readWeight(context.row(row))[counted].factors
      return inputs.map { sum($0, weights, bias?[output]).number }
    }
    let rows = (0..<x.rows).map { token in
      let own = context.row(columns.map { $0[token] })
      return round(finish(sums?(own, token) ?? own))
    }
    return Row.tensor(rows, shape: x.shape.dropLast() + [weight.rows])
  }
}
