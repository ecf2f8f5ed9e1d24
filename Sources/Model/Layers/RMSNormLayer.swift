/// Root-mean-square normalisation: y = x / √(mean(x²) + epsilon) · weight, along the last axis.
///
/// Source: Zhang & Sennrich 2019, *Root Mean Square Layer Normalization*, equation 4, with epsilon inside the root.
public struct RMSNormLayer: Sendable {
  /// `[hidden]`.
  public let weight: Tensor
  /// Added to the mean square.
  ///
  /// The real number that this binary32 is.
  public let epsilon: Float

  /// Makes the layer from `weight` `[hidden]`.
  public init(weight: Tensor, epsilon: Float) {
    self.weight = weight
    self.epsilon = epsilon
  }
}
