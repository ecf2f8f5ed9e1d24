/// Multiplies every element by one number, or divides it by one: y = x · f or y = x / f, where f is `factor` or its root.
///
/// Source: Gemma Team 2024, *Gemma*, section 2, and Vaswani et al. 2017, section 3.4 (√hidden, of embeddings); the documentation of
/// `GraniteConfig` in huggingface/transformers (multipliers of embeddings, branches and logits).
package struct ScaleLayer: Sendable, Hashable {
  /// A positive number.
  ///
  /// The real number that this binary32 is.
  package var factor: Float
  /// Whether the root of the number counts.
  package var isRoot: Bool
  /// Whether it divides.
  package var divides: Bool

  /// Makes the layer.
  package init(factor: Float, isRoot: Bool = false, divides: Bool = false) {
    self.factor = factor
    self.isRoot = isRoot
    self.divides = divides
  }
}
