import PlumbModel

/// y = down · (activation(gate · x) · (up · x)), each step stored.
package struct GatedFeedForward<Context: ArithmeticContext>: LayerFormula {
  package typealias Function = @Sendable (Activation<Context.Number>) -> Activation<Context.Number>

  package var gate: Linear<Context>
  package var up: Linear<Context>
  package var activation: Function
  /// The combination of the gate and of what it lets through.
  package var combined:
    @Sendable (
      _ opening: Activation<Context.Number>, _ up: Activation<Context.Number>, _ activation: Function,
      _ context: Context
    ) -> Activation<Context.Number> = { opening, up, activation, context in
      Gate(activation(opening), up, in: context).inside.forward()
    }
  /// The change of the numbers between the products.
  package var between: RowFunction<Context> = { $0 }
  /// The last product, which is given its input later.
  package var down: Linear<Context>

  package var context: Context { up.context }

  package var round: RowFunction<Context> {
    get { down.round }
    set { down.round = newValue }
  }

  /// The layer from its first products, and the last, whose input plays no part.
  package init(
    gate: Linear<Context>, up: Linear<Context>, _ activation: ActivationFunction, down: Linear<Context>
  ) {
    self.gate = gate.inside
    self.up = up.inside
    self.down = down
    let context = up.context
    self.activation = { activation.forward($0, in: context) }
  }

  package func forward() -> Activation<Context.Number> {
    down.forward(between, combined(gate.forward(), up.forward(), activation, context))
  }
}
