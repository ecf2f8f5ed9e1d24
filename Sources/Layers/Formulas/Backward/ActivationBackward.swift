import PlumbModel

/// dx = gradient · f′(x), element by element: an activation function backwards.
package protocol ActivationBackward: LayerFormula {
  var x: Activation<Context.Number> { get }
  var gradient: Activation<Context.Number> { get set }
  /// The product of the gradient and the derivative.
  var product: @Sendable (_ gradient: Row<Context>, _ x: Row<Context>) -> Row<Context> { get set }

  init(_ x: Activation<Context.Number>, gradient: Activation<Context.Number>, in context: Context)
}

extension ActivationBackward {
  package func forward() -> Activation<Context.Number> {
    Row.tensor([round(product(context.row(gradient.elements), context.row(x.elements)))], shape: x.shape)
  }
}

extension ActivationFunction {
  /// The product of `gradient` and the function's derivative at `x`, which may be stored.
  func backward<Context: ArithmeticContext>(
    _ x: Activation<Context.Number>, gradient: Activation<Context.Number>, in context: Context
  ) -> Activation<Context.Number> {
    switch self {
    case .relu: ReLUBackward(x, gradient: gradient, in: context).inside.forward()
    case .gelu: GELUBackward(x, gradient: gradient, in: context).inside.forward()
    case .geluTanh: GELUTanhBackward(x, gradient: gradient, in: context).inside.forward()
    case .silu: SiLUBackward(x, gradient: gradient, in: context).inside.forward()
    }
  }
}
