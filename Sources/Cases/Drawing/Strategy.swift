/// A way to choose the numbers of a case.
package enum Strategy: String, Sendable, CaseIterable {
  /// One of several distributions for the whole tensor.
  case random
  /// Boundary exponents with patterned significands, signed zeros, subnormals, the greatest finite number, neighbours.
  case edge
  /// Small whole numbers times a power of two: products and sums of them are exact in Float32.
  case exact
  /// Cancellation, near ties, one outlier, nearly equal elements.
  case illConditioned = "ill-conditioned"
  /// Activations and weights of a pass of a model, cut to the case's shape.
  case recorded

  /// The strategies that draw every number, and need no model.
  package static let drawn: [Strategy] = [.random, .edge, .exact, .illConditioned]
}
