/// A gate and the numbers that it lets through, both clamped: y = (up + 1) · gate · σ(alpha · gate), with the gate at most `limit` and
/// the numbers within ±`limit`.
///
/// Source: OpenAI 2025, *gpt-oss-120b & gpt-oss-20b Model Card*, section 2.3; the class `GptOssExperts` of huggingface/transformers.
package struct ClampedGateLayer: Sendable, Hashable {
  /// The factor of the gate in the sigmoid, a positive number.
  ///
  /// The real number that this binary32 is.
  package var alpha: Float
  /// The greatest gate, and the greatest magnitude of what it lets through; a positive number.
  ///
  /// The real number that this binary32 is.
  package var limit: Float
  /// Whether the gradient of an input at the limit itself is 0, and not that of the side that is not clamped.
  ///
  /// The layer forwards is the same either way, as is this engine's gradient, which is that of the side.
  package var isZeroAtLimit: Bool

  /// Makes the layer.
  package init(alpha: Float = 1.702, limit: Float = 7, isZeroAtLimit: Bool = false) {
    self.alpha = alpha
    self.limit = limit
    self.isZeroAtLimit = isZeroAtLimit
  }
}
