/// The gated feed-forward layer: y = down(silu(gate(x)) · up(x)), where silu(x) = x / (1 + e^(−x)).
///
/// Source: Shazeer 2020, *GLU Variants Improve Transformer*, section 2 (SwiGLU).
public struct GatedFeedForwardLayer: Sendable {
  /// `[feedForward, hidden]`.
  public let gate: LinearLayer
  /// `[feedForward, hidden]`.
  public let up: LinearLayer
  /// `[hidden, feedForward]`.
  public let down: LinearLayer

  /// Makes the layer.
  public init(gate: LinearLayer, up: LinearLayer, down: LinearLayer) {
    self.gate = gate
    self.up = up
    self.down = down
  }
}
