/// Attention among the tokens of a sequence: projections to queries, keys and values, how these meet, and the projection
/// back.
public struct AttentionMixer: Sendable {
  /// `[heads · headSize, hidden]`.
  public var query: LinearLayer
  /// `[keyValueHeads · headSize, hidden]`.
  public var key: LinearLayer
  /// `[keyValueHeads · headSize, hidden]`.
  public var value: LinearLayer
  /// The norm of each head of the query, before it is turned; `nil` for none.
  public var queryNorm: Norm?
  /// The norm of each head of the key, before it is turned; `nil` for none.
  public var keyNorm: Norm?
  /// The layer by which positions turn queries and keys; `nil` where they do not.
  public var rotary: RotaryEmbeddingLayer?
  /// The layer in which queries, keys and values meet.
  public var attention: AttentionLayer
  /// `[hidden, heads · headSize]`.
  public var output: LinearLayer

  /// Makes the mixer from its layers.
  public init(
    query: LinearLayer, key: LinearLayer, value: LinearLayer, queryNorm: Norm? = nil, keyNorm: Norm? = nil,
    rotary: RotaryEmbeddingLayer?, attention: AttentionLayer, output: LinearLayer
  ) {
    self.query = query
    self.key = key
    self.value = value
    self.queryNorm = queryNorm
    self.keyNorm = keyNorm
    self.rotary = rotary
    self.attention = attention
    self.output = output
  }
}
