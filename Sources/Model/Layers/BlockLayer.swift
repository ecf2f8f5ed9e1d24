/// One block: h = x + output(attention(norm(x))), y = h + feedForward(norm(h)); queries and keys are turned by their
/// positions before they meet.
///
/// Where `isPostNormalised`, the norms follow the additions: h = norm(x + output(attention(x))),
/// y = norm(h + feedForward(h)), each norm the one of its half.
/// Source: Touvron et al. 2023, *LLaMA*, section 2.2 (before); Vaswani et al. 2017, section 3.1 (after).
public struct BlockLayer: Sendable {
  /// The norm of the attention's half.
  public let attentionNorm: RMSNormLayer
  /// `[heads · headSize, hidden]`.
  public let query: LinearLayer
  /// `[keyValueHeads · headSize, hidden]`.
  public let key: LinearLayer
  /// `[keyValueHeads · headSize, hidden]`.
  public let value: LinearLayer
  /// `[hidden, heads · headSize]`.
  public let output: LinearLayer
  /// The norm of the feed-forward layer's half.
  public let feedForwardNorm: RMSNormLayer
  /// The feed-forward layer.
  public let feedForward: GatedFeedForwardLayer
  /// Whether the norms follow the additions.
  public let isPostNormalised: Bool

  /// Makes the block.
  public init(
    attentionNorm: RMSNormLayer, query: LinearLayer, key: LinearLayer, value: LinearLayer, output: LinearLayer,
    feedForwardNorm: RMSNormLayer, feedForward: GatedFeedForwardLayer, isPostNormalised: Bool = false
  ) {
    self.attentionNorm = attentionNorm
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.feedForwardNorm = feedForwardNorm
    self.feedForward = feedForward
    self.isPostNormalised = isPostNormalised
  }
}
