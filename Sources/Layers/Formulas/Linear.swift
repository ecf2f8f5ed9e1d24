package import PlumbModel

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
  /// What becomes of each input and each weight.
  package var readInput: ScalarFunction<Context>?
  package var readWeight: ScalarFunction<Context>?
  /// The sum of the products of inputs and weights, and the bias.
  package var sum:
    @Sendable (_ inputs: Row<Context>, _ weights: Row<Context>, _ bias: Scalar<Context>?) -> Scalar<Context> = {
      inputs, weights, bias in
      guard let bias else { return inputs.dot(weights) }
      return (inputs.dot(weights).stored + bias).or(inputs.dot(weights, bias: bias))
    }
  /// What becomes of a token's sums.
  package var sums: (@Sendable (_ sums: Row<Context>, _ token: Int) -> Row<Context>)?
  /// What becomes of a sum.
  package var finish: ScalarFunction<Context> = { $0 }
  package var round: ScalarFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, weight: Weights<Context.Number>, bias: Activation<Context.Number>? = nil,
    in context: Context
  ) {
    self.context = context
    self.x = x
    self.weight = weight
    self.bias = bias.map { context.row($0.elements) }
    counted = 0..<weight.columns
  }

  package func forward() -> Activation<Context.Number> {
    let inputs = (0..<x.rows).map { read(context.row(x.row($0)), readInput) }
    // A row of weights at a time.
    let columns = context.map(weight.rows) { output -> Row<Context> in
      let row = isTransposed ? weight.transposedRow(output) : weight.row(output)
      let weights = read(context.row(row), readWeight)
      return context.row(inputs.map { sum($0, weights, bias?[output]).number })
    }
    let rows = (0..<x.rows).flatMap { token -> ArraySlice<Context.Number> in
      let own = context.row(columns.map { $0[token].number })
      return (sums?(own, token) ?? own).map { round(finish($0)) }.numbers
    }
    return Activation(shape: x.shape.dropLast() + [weight.rows], elements: rows)
  }

  private func read(_ row: Row<Context>, _ read: ScalarFunction<Context>?) -> Row<Context> {
    (read.map { row.map($0) } ?? row)[counted].factors
  }
}
