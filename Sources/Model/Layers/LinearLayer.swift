/// A matrix product and an optional bias: y[t, i] = Σⱼ weight[i, j] · x[t, j] + bias[i].
package struct LinearLayer: Sendable {
  /// `[outputs, inputs]`.
  package let weight: Tensor
  /// `[outputs]`, or `nil` for none.
  package let bias: Tensor?

  /// Makes the layer from `weight` `[outputs, inputs]` and `bias` `[outputs]`.
  package init(weight: Tensor, bias: Tensor? = nil) {
    self.weight = weight
    self.bias = bias
  }
}
