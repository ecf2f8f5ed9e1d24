/// The part of a branch that is computed between its norms.
package enum Mixer: Sendable {
  /// Tokens look at one another.
  case attention(AttentionMixer)
  /// Each token by itself, through one product, a function and another product.
  case feedForward(FeedForwardLayer)
  /// Each token by itself, where a second product gates the first.
  case gatedFeedForward(GatedFeedForwardLayer)
  /// Each token by itself, through the experts that are chosen for it.
  case experts(ExpertsMixer)
}
