import PlumbModel

/// dweight[j] = Σ_t gradient[t, j] · x̂[t, j], with x̂ the rows normalised by `Norm`, which may be stored.
package struct NormWeightBackward<Norm: NormalisedRows>: LayerFormula {
  package typealias Context = Norm.Context

  /// The layer, whose weight plays no part.
  package var norm: Norm
  package var gradient: Activation<Context.Number>
  /// The tokens whose products are added.
  package var counted: Range<Int>
  /// The change of the normalised rows.
  package var normalised: RowFunction<Context> = { $0.stored }
  /// The sum of the products of a column of gradients and one of normalised rows.
  package var sum: @Sendable (_ gradients: Row<Context>, _ normalised: Row<Context>) -> Scalar<Context> = { $0.dot($1) }
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { norm.context }

  package init(_ norm: Norm, gradient: Activation<Context.Number>) {
    self.norm = norm
    self.gradient = gradient
    counted = 0..<gradient.rows
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<gradient.rows).map { normalised(norm.normalised(row: $0)) }
    let (columns, gradients) = (Row.tensor(rows, shape: gradient.shape).transposed, gradient.transposed)
    let sums = (0..<gradients.rows).map { index in
      sum(context.row(gradients.row(index))[counted], context.row(columns.row(index))[counted]).number
    }
    return Row.tensor([round(context.row(sums))], shape: [sums.count])
  }
}

/// A normalisation, of which the weight's gradient needs the rows before they meet the weight.
package protocol NormalisedRows<Context>: LayerFormula {
  /// The normalisation of `x` without a weight.
  init(normalising x: Activation<Context.Number>, epsilon: Float, in context: Context)

  func normalised(row index: Int) -> Row<Context>
}

extension RMSNorm: NormalisedRows {
  package init(normalising x: Activation<Context.Number>, epsilon: Float, in context: Context) {
    self.init(x, weight: .none, epsilon: epsilon, addsOne: false, in: context)
  }

  package func normalised(row index: Int) -> Row<Context> {
    let row = read(context.row(x.row(index)))
    return row * factor(of: row)
  }
}

/// (x − mean(x))·r, or x·r − mean(x)·r.
extension LayerNorm: NormalisedRows {
  package init(normalising x: Activation<Context.Number>, epsilon: Float, in context: Context) {
    self.init(x, weight: .none, bias: nil, epsilon: epsilon, in: context)
  }

  package func normalised(row index: Int) -> Row<Context> {
    let row = context.row(x.row(index))
    let (deviations, factor, centre) = statistics(of: row)
    return (deviations * factor).or(row * factor - centre * factor)
  }
}
