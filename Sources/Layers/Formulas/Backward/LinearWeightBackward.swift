import PlumbModel

/// dweight[i, j] = Σ_t gradient[t, i] · x[t, j].
package struct LinearWeightBackward<Context: ArithmeticContext>: LayerFormula {
  /// The product of the transposed gradient with the transposed input.
  package var product: Linear<Context>

  package var context: Context { product.context }

  package var round: RowFunction<Context> {
    get { product.round }
    set { product.round = newValue }
  }

  package init(
    _ gradient: Activation<Context.Number>, x: Activation<Context.Number>, in context: Context
  ) {
    product = Linear(gradient.transposed, weight: Weights(x.transposed), in: context)
  }

  package func forward() -> Activation<Context.Number> { product.forward() }
}
