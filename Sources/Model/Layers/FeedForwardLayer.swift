/// The feed-forward layer: y = down(activation(up(x))).
///
/// Source: Vaswani et al. 2017, *Attention Is All You Need*, section 3.3.
public struct FeedForwardLayer: Sendable {
  /// `[feedForward, hidden]`.
  public let up: LinearLayer
  /// Between the two products.
  public let activation: ActivationFunction
  /// `[hidden, feedForward]`.
  public let down: LinearLayer

  /// Makes the layer.
  public init(up: LinearLayer, activation: ActivationFunction, down: LinearLayer) {
    self.up = up
    self.activation = activation
    self.down = down
  }
}
