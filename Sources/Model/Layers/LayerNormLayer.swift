/// Layer normalisation: y = (x − mean(x)) / √(variance(x) + epsilon) · weight + bias, along the last axis.
///
/// The variance is the mean of (x − mean(x))², without Bessel's correction.
/// Source: Ba, Kiros & Hinton 2016, *Layer Normalization*, equation 4, with epsilon inside the root.
package struct LayerNormLayer: Sendable {
  /// `[hidden]`.
  package let weight: Tensor
  /// `[hidden]`, or `nil` for none.
  package let bias: Tensor?
  /// Added to the variance.
  ///
  /// The real number that this binary32 is.
  package let epsilon: Float

  /// Makes the layer from `weight` and `bias` `[hidden]`.
  package init(weight: Tensor, bias: Tensor? = nil, epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }
}
