import PlumbModel

/// dx[t, j] = Σ_i gradient[t, i] · weight[i, j].
package struct LinearBackward<Context: ArithmeticContext>: LayerFormula {
  /// The product of the gradient with the transposed weight.
  package var product: Linear<Context>

  package var context: Context { product.context }

  package var round: RowFunction<Context> {
    get { product.round }
    set { product.round = newValue }
  }

  /// - Parameter weight: the weight `[outputs, inputs]`, read as one of so many rows as there are inputs.
  package init(_ gradient: Activation<Context.Number>, weight: Weights<Context.Number>, in context: Context) {
    product = Linear(gradient, weight: weight.turned, in: context)
    product.isTransposed = true
  }

  package func forward() -> Activation<Context.Number> { product.forward() }
}
