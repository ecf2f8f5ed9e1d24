import PlumbModel

/// y[t, i] = Σⱼ weight[i, j] · x[t, j], soft-capped.
package struct Unembedding<Context: ArithmeticContext>: LayerFormula {
  package var product: Linear<Context>
  /// The soft cap; `nil` for none.
  package let cap: Float?

  package var context: Context { product.context }

  package var round: RowFunction<Context> {
    get { product.round }
    set { product.round = newValue }
  }

  package init(_ product: Linear<Context>, softCap: Float?) {
    self.product = product
    cap = softCap
    if let softCap { self.product.finish = { SoftCap.capped($0, softCap) } }
  }

  package func forward() -> Activation<Context.Number> { product.forward() }
}
