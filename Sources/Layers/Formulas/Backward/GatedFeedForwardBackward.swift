import PlumbModel

/// dx = gateᵀ · dh + upᵀ · du, where with h = gate · x, u = up · x and dz = downᵀ · gradient: du = dz · activation(h) and
/// dh = dz · u · activation′(h); each step stored.
package struct GatedFeedForwardBackward<Context: ArithmeticContext>: LayerFormula {
  /// The layer, whose last product plays no part.
  package var layer: GatedFeedForward<Context>
  /// The products with the transposed weights, of which the last two are given their inputs later.
  package var down: LinearBackward<Context>
  package var gate: LinearBackward<Context>
  package var up: LinearBackward<Context>
  /// The product of a gradient and the activation's derivative at an opening.
  package var derivative:
    @Sendable (_ opening: Activation<Context.Number>, _ gradient: Activation<Context.Number>) -> Activation<
      Context.Number
    >
  /// The gradients of the opening and of what it lets through, from both and the gradient of their product, where that is another
  /// function; `nil` for the product with the activation.
  package var parts:
    (
      @Sendable (
        _ opening: Activation<Context.Number>, _ inner: Activation<Context.Number>,
        _ gradient: Activation<Context.Number>
      ) -> (gate: Activation<Context.Number>, up: Activation<Context.Number>)
    )?
  /// The sum of what comes through the gate and of what comes around it.
  package var combined: @Sendable (_ gate: Row<Context>, _ up: Row<Context>) -> Row<Context> = { $0 + $1 }
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { layer.context }

  package init(
    _ layer: GatedFeedForward<Context>, _ activation: ActivationFunction, down: LinearBackward<Context>,
    gate: LinearBackward<Context>, up: LinearBackward<Context>
  ) {
    self.layer = layer
    (self.down, self.gate, self.up) = (down.inside, gate.inside, up.inside)
    let context = layer.context
    derivative = { activation.backward($0, gradient: $1, in: context) }
  }

  package func forward() -> Activation<Context.Number> {
    let (opening, inner, incoming) = (layer.gate.forward(), layer.up.forward(), down.forward())
    func product(_ a: Activation<Context.Number>, _ b: Activation<Context.Number>) -> Activation<Context.Number> {
      Gate(a, b, in: context).inside.forward()
    }
    var (gate, up) = (gate, up)
    let given = parts?(opening, inner, incoming)
    gate.product.x = given?.gate ?? derivative(opening, product(incoming, inner))
    up.product.x = given?.up ?? product(incoming, layer.activation(opening))
    let (through, around) = (gate.forward(), up.forward())
    let row = combined(context.row(through.elements), context.row(around.elements))
    return Row.tensor([round(row)], shape: layer.up.x.shape)
  }
}
