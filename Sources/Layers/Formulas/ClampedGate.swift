import PlumbModel

/// y = (u + 1) · g · σ(alpha · g), with g = min(gate, limit) and u = max(−limit, min(up, limit)), element by element.
///
/// Clamped numbers, alpha · g, the sigmoid, its product with the gate and u + 1 may be stored; the gate is divided, or multiplied by the
/// sigmoid; the last product is one, or that with u and a sum.
package struct ClampedGate<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package var gate: Activation<Context.Number>
  package var up: Activation<Context.Number>
  package var alpha: Scalar<Context>
  package var limit: Double
  /// Whether the gradient of an input at the limit itself is 0.
  package var isZeroAtLimit: Bool
  /// The gate as it is used, and what it lets through.
  package var clampedGate: @Sendable (_ gate: Row<Context>, _ limit: Double) -> Row<Context> = { $0.kept(upTo: $1) }
  package var clampedUp: @Sendable (_ up: Row<Context>, _ limit: Double) -> Row<Context> = {
    $0.kept(upTo: $1).kept(from: -$1)
  }
  /// The numbers that the gate lets through, from the clamped ones.
  package var inner: RowFunction<Context> = { $0 + 1 }
  /// The gate times a sigmoid.
  package var opened: @Sendable (_ gate: Row<Context>, _ alpha: Scalar<Context>) -> Row<Context> = {
    SiLU.product(of: $0, withSigmoidOf: ($0 * $1).stored).stored
  }
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ gate: Activation<Context.Number>, _ up: Activation<Context.Number>, _ layer: ClampedGateLayer,
    in context: Context
  ) {
    self.context = context
    self.gate = gate
    self.up = up
    alpha = context.scalar(context.parameter(Double(layer.alpha)))
    limit = Double(layer.limit)
    isZeroAtLimit = layer.isZeroAtLimit
  }

  package func forward() -> Activation<Context.Number> {
    let opening = clampedGate(context.row(gate.elements), limit).stored
    let (clamped, open) = (clampedUp(context.row(up.elements), limit).stored, opened(opening, alpha))
    let product = (inner(clamped).stored * open).or((clamped * open).stored + open)
    return Row.tensor([round(product)], shape: gate.shape)
  }
}
