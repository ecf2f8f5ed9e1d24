import PlumbModel

/// The gradients of a clamped gate's inputs, element by element, with g and u the clamped gate and what it lets through, and s = σ(alpha · g):
/// dgate = gradient · (u + 1) · s · (1 + alpha · g · (1 − s)) where the gate is at most the limit, otherwise 0, and
/// dup = gradient · g · s where up is within ±limit, otherwise 0.
///
/// At the limit itself the derivative is that of the side that is not clamped, or 0 where the layer says so, as PyTorch 2.15 has it.
package struct ClampedGateBackward<Context: ArithmeticContext>: LayerFormula {
  /// The layer forwards.
  package var layer: ClampedGate<Context>
  package var gradient: Activation<Context.Number>
  /// Whether the gradient is that of what the gate lets through.
  package var isOfUp: Bool
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { layer.context }

  package init(_ layer: ClampedGate<Context>, gradient: Activation<Context.Number>, isOfUp: Bool) {
    (self.layer, self.gradient, self.isOfUp) = (layer, gradient, isOfUp)
  }

  package func forward() -> Activation<Context.Number> {
    let (gate, up) = (context.row(layer.gate.elements), context.row(layer.up.elements))
    let (gradient, limit) = (context.row(gradient.elements), layer.limit)
    let opening = layer.clampedGate(gate, limit).stored
    let argument = (opening * layer.alpha).stored
    let sigmoid = SiLUBackward<Context>.sigmoid(argument)
    if isOfUp { return made(within(within(gradient, up, limit), -up, limit) * (opening * sigmoid).stored) }
    let inner = layer.inner(layer.clampedUp(up, limit).stored).stored
    let incoming = (within(gradient, gate, limit) * inner).stored
    // Through the product of the gate and the sigmoid as a whole, or through each of its factors.
    let whole = incoming * SiLUBackward<Context>.derivative(argument, sigmoid)
    let around = Self.throughSigmoid((incoming * opening).stored, sigmoid).stored
    return made(whole.or((incoming * sigmoid).stored + (around * layer.alpha).stored))
  }

  /// gradient · (1 − s) · s from the left: in one step, as PyTorch takes it in bfloat16 on a processor, or in three that are stored each,
  /// as it does in binary16 and on a graphics processor.
  private static func throughSigmoid(_ gradient: Row<Context>, _ sigmoid: Row<Context>) -> Row<Context> {
    let rest = 1 - sigmoid
    return (gradient * rest * sigmoid).or((gradient * rest.stored).stored * sigmoid)
  }

  private func made(_ row: Row<Context>) -> Activation<Context.Number> {
    Row.tensor([round(row)], shape: layer.gate.shape)
  }

  /// `row` where `x` is at most `limit`, or less where the layer has 0 at the limit; otherwise 0.
  private func within(_ row: Row<Context>, _ x: Row<Context>, _ limit: Double) -> Row<Context> {
    let beyond = x - parameter(limit)
    return layer.isZeroAtLimit ? row.gated(by: -beyond) : row - row.gated(by: beyond)
  }
}
