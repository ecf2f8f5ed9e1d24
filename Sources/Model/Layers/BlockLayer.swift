/// One pre-normalised block: h = x + output(attention(norm(x))), y = h + feedForward(norm(h)).
public struct BlockLayer: Sendable {
  /// Before the attention.
  public let attentionNorm: RMSNormLayer
  /// `[heads · headSize, hidden]`.
  public let query: LinearLayer
  /// `[keyValueHeads · headSize, hidden]`.
  public let key: LinearLayer
  /// `[keyValueHeads · headSize, hidden]`.
  public let value: LinearLayer
  /// `[hidden, heads · headSize]`.
  public let output: LinearLayer
  /// Before the feed-forward layer.
  public let feedForwardNorm: RMSNormLayer
  /// The feed-forward layer.
  public let feedForward: GatedFeedForwardLayer

  /// Makes the block.
  public init(
    attentionNorm: RMSNormLayer, query: LinearLayer, key: LinearLayer, value: LinearLayer, output: LinearLayer,
    feedForwardNorm: RMSNormLayer, feedForward: GatedFeedForwardLayer
  ) {
    self.attentionNorm = attentionNorm
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.feedForwardNorm = feedForwardNorm
    self.feedForward = feedForward
  }
}
