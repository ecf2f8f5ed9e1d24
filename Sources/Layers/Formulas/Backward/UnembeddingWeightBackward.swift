import PlumbModel

/// dweight[i, j] = Σ_t d[t, i] · x[t, j], with d the gradient through the slope of an unembedding's soft cap.
package struct UnembeddingWeightBackward<Context: ArithmeticContext>: LayerFormula {
  /// The gradient of the input, of which the gradient before the cap is taken.
  package var unembedding: UnembeddingBackward<Context>
  package var x: Activation<Context.Number>
  package var round: RowFunction<Context> = { $0.result }

  package var context: Context { unembedding.context }

  package init(
    _ x: Activation<Context.Number>, weight: Weights<Context.Number>, gradient: Activation<Context.Number>,
    softCap: Float?, in context: Context
  ) {
    self.x = x
    unembedding = UnembeddingBackward(
      Linear(x, weight: weight, in: context), LinearBackward(gradient, weight: weight, in: context), softCap: softCap)
  }

  package func forward() -> Activation<Context.Number> {
    var product = LinearWeightBackward(unembedding.uncapped, x: x, in: context)
    product.round = round
    return product.forward()
  }
}
