/// Root-mean-square normalisation: y = x / √(mean(x²) + epsilon) · weight, along the last axis.
///
/// The weight is stored less 1 where `addsOne`: · (1 + weight) (Gemma).
/// Source: Zhang & Sennrich 2019, *Root Mean Square Layer Normalization*, equation 4, with epsilon inside the root.
package struct RMSNormLayer: Sendable {
  /// `[hidden]`.
  package var weight: Tensor
  /// Added to the mean square.
  ///
  /// The real number that this binary32 is.
  package var epsilon: Float
  /// Whether 1 is added to the weight.
  package var addsOne: Bool

  /// Makes the layer from `weight` `[hidden]`.
  package init(weight: Tensor, epsilon: Float, addsOne: Bool = false) {
    self.weight = weight
    self.epsilon = epsilon
    self.addsOne = addsOne
  }
}
