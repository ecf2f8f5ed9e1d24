package import PlumbModel

/// y = down · activation(up · x + upBias) + downBias, each step stored.
package struct FeedForward<Context: ArithmeticContext>: LayerFormula {
  package var up: Linear<Context>
  package var activation: @Sendable (Activation<Context.Number>) -> Activation<Context.Number>
  /// What becomes of what lies between the products.
  package var between: ScalarFunction<Context>?
  /// The second product, which is given its input later.
  package var down: Linear<Context>

  package var context: Context { up.context }

  package var round: ScalarFunction<Context> {
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
  func forward(_ between: ScalarFunction<Context>?, _ inner: Activation<Context.Number>) -> Activation<Context.Number> {
    var product = self
    product.x = between.map { between in inner.map { between(context.scalar($0)).number } } ?? inner
    return product.forward()
  }
}

extension Activation {
  /// No numbers: the input of a product that is given it later.
  package static var none: Activation { Activation(shape: [0], elements: []) }
}
