package import PlumbModel

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

  /// h·r − x·(r³·mean(h·x)): the weight before or after r, and the mean's division before the product with r³, after it, or
  /// between the halves and doubles of a square's own derivative.
  private func cubed(
    _ gradient: Row<Context>, _ weighted: Row<Context>, _ row: Row<Context>, _ factor: Scalar<Context>
  ) -> Row<Context> {
    let (cube, sum) = (factor * factor * factor, dot(weighted, row))
    let straight: Row<Context> = (weighted * factor).or(gradient * factor * norm.weight)
    let first: Row<Context> = straight - row * (cube * (sum / count))
    func second() -> Row<Context> { straight - row * (cube * sum / count) }
    func halved() -> Row<Context> {
      let half: Scalar<Context> = 0.5 * sum * cube / count
      return straight - 2 * row * half
    }
    return first.or(second()).or(halved())
  }
}
