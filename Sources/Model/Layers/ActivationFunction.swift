/// The function between the two products of a feed-forward layer; each is a layer of its own.
package enum ActivationFunction: String, Sendable, CaseIterable {
  /// max(x, 0).
  case relu = "relu"
  /// x/2 · (1 + erf(x/√2)).
  case gelu = "gelu"
  /// x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))).
  case geluTanh = "gelu-tanh"
  /// x / (1 + e^(−x)).
  case silu = "silu"
}
