/// Multiplies every element by one number, or divides it by one: y = x · f or y = x / f, where f is `factor` or its root.
///
/// Source: Gemma Team 2024, *Gemma*, section 2, and Vaswani et al. 2017, section 3.4 (√hidden, of embeddings); the documentation of
/// `GraniteConfig` in huggingface/transformers (multipliers of embeddings, branches and logits).
public struct ScaleLayer: Sendable, Hashable {
  /// A positive number.
  ///
  /// The real number that this binary32 is.
  public var factor: Float
  /// Whether the root of the number counts.
  public var isRoot: Bool
  /// Whether it divides.
  public var divides: Bool

  /// Makes the layer.
  public init(factor: Float, isRoot: Bool = false, divides: Bool = false) {
    self.factor = factor
    self.isRoot = isRoot
    self.divides = divides
  }
}
