/// The feed-forward layer: y = down(activation(up(x))).
///
/// Source: Vaswani et al. 2017, *Attention Is All You Need*, section 3.3.
package struct FeedForwardLayer: Sendable {
  /// `[feedForward, hidden]`.
  package let up: LinearLayer
  /// Between the two products.
  package let activation: ActivationFunction
  /// `[hidden, feedForward]`.
  package let down: LinearLayer

  /// Makes the layer.
  package init(up: LinearLayer, activation: ActivationFunction, down: LinearLayer) {
    self.up = up
    self.activation = activation
    self.down = down
  }
}
