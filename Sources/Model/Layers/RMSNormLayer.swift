/// Root-mean-square normalisation: y = x / √(mean(x²) + epsilon) · weight, along the last axis.
///
/// The weight is stored less 1 where `addsOne`: · (1 + weight) (Gemma).
/// Source: Zhang & Sennrich 2019, *Root Mean Square Layer Normalization*, equation 4, with epsilon inside the root.
public struct RMSNormLayer: Sendable {
  /// `[hidden]`.
  public var weight: Tensor
  /// Added to the mean square.
  ///
  /// The real number that this binary32 is.
  public var epsilon: Float
  /// Whether 1 is added to the weight.
  public var addsOne: Bool

  /// Makes the layer from `weight` `[hidden]`.
  public init(weight: Tensor, epsilon: Float, addsOne: Bool = false) {
    self.weight = weight
    self.epsilon = epsilon
    self.addsOne = addsOne
  }
}
