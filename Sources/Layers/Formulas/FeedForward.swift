import PlumbModel

/// y = down · activation(up · x + upBias) + downBias, each step stored.
package struct FeedForward<Context: ArithmeticContext>: LayerFormula {
  package var up: Linear<Context>
  package var activation: @Sendable (Activation<Context.Number>) -> Activation<Context.Number>
  /// The change of the numbers between the products.
  package var between: RowFunction<Context> = { $0 }
  /// The second product, which is given its input later.
  package var down: Linear<Context>

  package var context: Context { up.context }

  package var round: RowFunction<Context> {
    get { down.round }
    set { down.round = newValue }
  }

  /// The layer from its first product, and the second, whose input plays no part.
  package init(up: Linear<Context>, _ activation: ActivationFunction, down: Linear<Context>) {
    self.up = up.inside
    self.down = down
    let context = up.context
    self.activation = { activation.forward($0, in: context) }
  }

  package func forward() -> Activation<Context.Number> { down.forward(between, activation(up.forward())) }
}

extension Linear {
  /// The product of what `between` makes of `inner`.
  func forward(_ between: RowFunction<Context>, _ inner: Activation<Context.Number>) -> Activation<Context.Number> {
    var product = self
    product.x = Row.tensor([between(context.row(inner.elements))], shape: inner.shape)
    return product.forward()
  }
}

extension Activation {
  /// No numbers: the input of a product that is given it later.
  package static var none: Activation { Activation(shape: [0], elements: []) }
}
