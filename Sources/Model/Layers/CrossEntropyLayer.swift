/// A loss of each token as training takes it: −Σⱼ q[j]·log softmax(logits)[j] + zLoss·(log Σⱼ e^logits[j])².
///
/// q has smoothing / vocabulary for every token of the vocabulary, and 1 − smoothing more for the target. A target that is
/// ignored has no loss.
/// Source: Szegedy et al. 2016, *Rethinking the Inception Architecture*, section 7 (the smoothing); Chowdhery et al. 2022,
/// *PaLM*, section 5 (the square); `torch.nn.functional.cross_entropy` (what is ignored).
package struct CrossEntropyLayer: Sendable, Hashable {
  /// The part of the weight that all targets share alike, from 0 to 1.
  package var smoothing: Float
  /// The factor of the square of the logarithm, 0 or more.
  package var zLoss: Float
  /// The target that has no loss; `nil` for none.
  package var ignored: Int?

  /// Makes the layer.
  package init(smoothing: Float = 0, zLoss: Float = 0, ignored: Int? = nil) {
    self.smoothing = smoothing
    self.zLoss = zLoss
    self.ignored = ignored
  }
}
