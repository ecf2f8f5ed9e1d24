/// The gated feed-forward layer: y = down(activation(gate(x)) · up(x)), or with a clamped gate in place of the product.
///
/// Source: Shazeer 2020, *GLU Variants Improve Transformer*, section 2 (SwiGLU with SiLU, GEGLU with GELU, ReGLU with
/// ReLU).
package struct GatedFeedForwardLayer: Sendable {
  /// `[feedForward, hidden]`.
  package var gate: LinearLayer
  /// `[feedForward, hidden]`.
  package var up: LinearLayer
  /// `[hidden, feedForward]`.
  package var down: LinearLayer
  /// The function that the gate goes through.
  package var activation: ActivationFunction
  /// The clamped gate in place of the activation function and the product; `nil` for none.
  package var clamp: ClampedGateLayer?

  /// Makes the layer.
  package init(
    gate: LinearLayer, up: LinearLayer, down: LinearLayer, activation: ActivationFunction = .silu,
    clamp: ClampedGateLayer? = nil
  ) {
    self.clamp = clamp
    self.gate = gate
    self.up = up
    self.down = down
    self.activation = activation
  }
}
