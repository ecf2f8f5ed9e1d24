package import PlumbModel

/// y[t] = log Σⱼ e^(logits[t, j] − m) − (logits[t, target t] − m), or (m + log Σ …) − logits[t, target t], with m the greatest
/// logit of the row.
package struct CrossEntropy<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let logits: Activation<Context.Number>
  package var targets: [Int]
  /// The logits of a row that are counted in the sum.
  package var counted: RowFunction<Context> = { $0 }
  package var exponential: RowFunction<Context> = { $0.exponentialsOfDifferences }
  /// The logarithm of the sum of the exponentials.
  package var logarithm: @Sendable (_ exponentials: Row<Context>) -> Scalar<Context> = { $0.logarithmOfSum }
  /// The change of all losses; the rows of their logits are given.
  package var finish: @Sendable (_ losses: Row<Context>, _ logits: [Row<Context>]) -> Row<Context> = { losses, _ in
    losses
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(_ logits: Activation<Context.Number>, targets: [Int], in context: Context) {
    self.context = context
    self.logits = logits
    self.targets = targets
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<logits.rows).map { context.row(logits.row($0)) }
    let losses = zip(rows, targets).map { row, target -> Context.Number in
      let differences = row.lessGreatest
      let logarithm = logarithm(exponential(counted(differences)))
      return Scalar.oneOf(
        context, ([.shifted], { logarithm - differences[target] }),
        ([.addedBack], { row.greatest + logarithm - row[target] })
      ).number
    }
    return Row.tensor([round(finish(context.row(losses), rows))], shape: [targets.count])
  }
}
