import PlumbModel

/// dx = (h − x̂ · mean(h · x̂)) · r, with h = gradient · weight, r = 1/√(mean(x²) + epsilon) and x̂ = x · r.
///
/// Or h·r − x·(r³·mean(h·x)), or (h − x·Σ h·x / (Σ x² + n·epsilon))·r. h and x̂ may be stored.
package struct RMSNormBackward<Context: ArithmeticContext>: LayerFormula {
  /// The layer, whose output plays no part.
  package var norm: RMSNorm<Context>
  package var gradient: Activation<Context.Number>
  /// The product of the gradient and the weight.
  package var weighted: @Sendable (_ gradient: Row<Context>, _ weight: Row<Context>) -> Row<Context> = {
    ($0 * $1).stored
  }
  /// The sum of the products of that and a row.
  package var dot: @Sendable (_ weighted: Row<Context>, _ row: Row<Context>) -> Scalar<Context> = { $0.dot($1) }
  /// The divisor of that sum.
  package var count: Scalar<Context>
  /// The change of what is subtracted.
  package var subtracted: RowFunction<Context> = { $0 }
  /// The change of the factor of the difference.
  package var scale: @Sendable (Scalar<Context>) -> Scalar<Context> = { $0 }

  package var context: Context { norm.context }

  package var round: RowFunction<Context> {
    get { norm.round }
    set { norm.round = newValue }
  }

  package init(_ norm: RMSNorm<Context>, gradient: Activation<Context.Number>) {
    self.norm = norm
    self.gradient = gradient
    count = norm.count
  }

  package func forward() -> Activation<Context.Number> {
    let rows = (0..<norm.x.rows).map { index in
      let row = norm.read(context.row(norm.x.row(index)))
      let weighted = weighted(context.row(gradient.row(index)), norm.weight)
      let factor = norm.factor(of: row)
      return round(
        .oneOf(
          context,
          (
            [.normalised],
            {
              let normalised = norm.normalised(row * factor)
              return (weighted - subtracted(normalised * (dot(weighted, normalised) / count))) * scale(factor)
            }
          ),
          ([.cubed], { cubed(context.row(gradient.row(index)), weighted, row, factor) }),
          (
            [.ratio],
            { (weighted - row * dot(weighted, row).divided(by: row.dot(row) + norm.count * norm.epsilon)) * factor }
          )))
    }
    return Row.tensor(rows, shape: norm.x.shape)
  }

  /// The tensors h·r and −x·(r³·mean(h·x)), which add up to the gradient: where each operation has a gradient of its own, each is
  /// added to what else reaches x.
  package func terms() -> [Activation<Context.Number>] {
    let rows = (0..<norm.x.rows).map { index -> (Row<Context>, Row<Context>) in
      let (row, gradient) = (norm.read(context.row(norm.x.row(index))), context.row(gradient.row(index)))
      let (straight, means) = products(gradient, weighted(gradient, norm.weight), row, norm.factor(of: row))
      return (round(straight), round(-means.dropFirst().reduce(means[0]) { $0.or($1) }))
    }
    return [Row.tensor(rows.map(\.0), shape: norm.x.shape), Row.tensor(rows.map(\.1), shape: norm.x.shape)]
  }

  private func cubed(
    _ gradient: Row<Context>, _ weighted: Row<Context>, _ row: Row<Context>, _ factor: Scalar<Context>
  ) -> Row<Context> {
    let (straight, means) = products(gradient, weighted, row, factor)
    return means.dropFirst().reduce(straight - means[0]) { $0.or(straight - $1) }
  }

  /// h·r and x·(r³·mean(h·x)): the weight before or after r, and the mean's division before the product with r³, after it, or
  /// between the halves and doubles of a square's own derivative.
  private func products(
    _ gradient: Row<Context>, _ weighted: Row<Context>, _ row: Row<Context>, _ factor: Scalar<Context>
  ) -> (straight: Row<Context>, means: [Row<Context>]) {
    let (cube, sum) = (factor * factor * factor, dot(weighted, row))
    let straight: Row<Context> = (weighted * factor).or(gradient * factor * norm.weight)
    let half: Scalar<Context> = 0.5 * sum * cube / count
    return (straight, [row * (cube * (sum / count)), row * (cube * sum / count), 2 * row * half])
  }
}
