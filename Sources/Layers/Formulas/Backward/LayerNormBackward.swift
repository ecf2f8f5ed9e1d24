import PlumbModel

/// dx = (h − mean(h) − x̂ · mean(h · x̂)) · r, with h = gradient · weight, x̂ = (x − mean(x)) · r and
/// r = 1/√(variance(x) + epsilon).
///
/// Or h·r + a·x + b with a = (Σ h·mean(x) − Σ h·x)·r³/n and b = −a·mean(x) − Σ h·r/n, the weight before or after the other
/// factors. h and x̂ may be stored.
package struct LayerNormBackward<Context: ArithmeticContext>: LayerFormula {
  /// The layer, whose output plays no part.
  package var norm: LayerNorm<Context>
  package var gradient: Activation<Context.Number>
  /// The product of the gradient and the weight.
  package var weighted: @Sendable (_ gradient: Row<Context>, _ weight: Row<Context>) -> Row<Context> = {
    ($0 * $1).stored
  }
  /// The mean of that.
  package var mean: @Sendable (_ weighted: Row<Context>) -> Scalar<Context> = { $0.mean }
  /// The change of the normalised row.
  package var normalised: RowFunction<Context> = { $0.stored }
  /// The part of the normalised row that is subtracted, from the sum of products with it and their number.
  package var share: @Sendable (_ sum: Scalar<Context>, _ count: Scalar<Context>) -> Scalar<Context> = { $0 / $1 }
  /// The change of the factor of the difference.
  package var scale: @Sendable (Scalar<Context>) -> Scalar<Context> = { $0 }

  package var context: Context { norm.context }

  package var round: RowFunction<Context> {
    get { norm.round }
    set { norm.round = newValue }
  }

  package init(_ norm: LayerNorm<Context>, gradient: Activation<Context.Number>) {
    self.norm = norm
    self.gradient = gradient
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<norm.x.rows).map { index in
      let row = context.row(norm.x.row(index))
      let weighted = weighted(context.row(gradient.row(index)), norm.weight)
      let (deviations, factor, centre) = norm.statistics(of: row)
      return round(
        .oneOf(
          context,
          (
            [.normalised],
            {
              let normalised = normalised(deviations * factor)
              let share = share(weighted.dot(normalised), norm.count)
              return (weighted - mean(weighted) - normalised * share) * scale(factor)
            }
          ),
          (
            [.cubed],
            {
              let gradient = context.row(gradient.row(index))
              let (sum, products) = (weighted.total, weighted.dot(row).or((gradient * row).dot(norm.weight)))
              let a = (sum * centre - products) * factor * factor * factor / norm.count
              let straight = (weighted * factor).or(factor * gradient * norm.weight)
              return straight + row * a - (a * centre + sum * factor / norm.count)
            }
          )))
    }
    return Row.tensor(rows, shape: norm.x.shape)
  }

  /// The tensors h·r, −d·(r³·Σ h·d/n) with d = x − mean(x), and the mean of both less than 0, which add up to the gradient: where each
  /// operation has a gradient of its own, each is added to what else reaches x.
  package func terms() -> [Activation<Context.Number>] {
    let rows = (0..<norm.x.rows).map { index -> [Row<Context>] in
      let weighted = weighted(context.row(gradient.row(index)), norm.weight)
      let (deviations, factor, _) = norm.statistics(of: context.row(norm.x.row(index)))
      let straight = round(weighted * factor)
      let half: Scalar<Context> = 0.5 * weighted.dot(deviations) * (factor * factor * factor) / norm.count
      let means = round(-(2 * deviations * half))
      let mean = -((straight.total + means.total) / norm.count)
      return [straight, means, round(straight.each { _ in mean.number })]
    }
    return (0..<3).map { part in Row.tensor(rows.map { $0[part] }, shape: norm.x.shape) }
  }
}
