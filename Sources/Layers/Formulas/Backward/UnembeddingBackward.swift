import PlumbModel

/// dx[t, j] = Σ_i d[t, i] · weight[i, j], with d the gradient, and with a soft cap gradient · (1 − tanh²(z / softCap)), where
/// z[t, i] = Σⱼ weight[i, j] · x[t, j].
package struct UnembeddingBackward<Context: ArithmeticContext>: LayerFormula {
  /// z.
  package var logits: Linear<Context>
  /// The product of d, which is given it later, with the transposed weight.
  package var product: LinearBackward<Context>
  package var gradient: Activation<Context.Number>
  /// The soft cap; `nil` for none.
  package var cap: Float?
  /// The slope of tanh from its value.
  package var slope: RowFunction<Context> = { 1 - $0 * $0 }

  package var context: Context { logits.context }

  package var round: RowFunction<Context> {
    get { product.round }
    set { product.round = newValue }
  }

  package init(_ logits: Linear<Context>, _ product: LinearBackward<Context>, softCap: Float?) {
    self.logits = logits.inside
    self.product = product
    gradient = product.product.x
    cap = softCap
  }

  package func forward() -> Activation<Context.Number> {
    var product = product
    product.product.x = uncapped
    return product.forward()
  }

  /// The gradient of the logits before the soft cap.
  package var uncapped: Activation<Context.Number> {
    guard let cap else { return gradient }
    let sums = context.row(logits.forward().elements)
    let (given, gradient) = (sums.parameter(Double(cap)), context.row(gradient.elements))
    let limit = given.or(given.stored)
    let slope = slope((sums / limit).stored.hyperbolicTangent().stored)
    return Row.tensor([SoftCap.backward(gradient, slope, limit)], shape: self.gradient.shape)
  }
}
