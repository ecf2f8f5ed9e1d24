/// A matrix product and an optional bias: y[t, i] = Σⱼ weight[i, j] · x[t, j] + bias[i].
public struct LinearLayer: Sendable {
  /// `[outputs, inputs]`.
  public let weight: Tensor
  /// `[outputs]`, or `nil` for none.
  public let bias: Tensor?

  /// Makes the layer from `weight` `[outputs, inputs]` and `bias` `[outputs]`.
  public init(weight: Tensor, bias: Tensor? = nil) {
    self.weight = weight
    self.bias = bias
  }
}
