/// Attention among the tokens of a sequence: projections to queries, keys and values, how these meet, and the projection
/// back.
///
/// Queries, and keys and values, may be made of latent rows, which are narrower than the hidden ones, and normalised. A head's key
/// may end with a part that all heads share, made of the hidden row itself; it is joined to the head's own as keys are turned.
/// Source: DeepSeek-AI 2024, *DeepSeek-V2*, section 2.1 (latent rows and the shared part).
package struct AttentionMixer: Sendable {
  /// The latent row that queries are made of; `nil` where they are made of the hidden one.
  package var queryLatent: Latent?
  /// The latent row that keys and values are made of; `nil` where they are made of the hidden one.
  package var keyValueLatent: Latent?
  /// `[heads · headSize, hidden]`, or the latent row's elements in place of the hidden one's.
  package var query: LinearLayer
  /// `[keyValueHeads · headSize, hidden]`, the heads without what they share; or the latent row's elements in place of the hidden
  /// one's.
  package var key: LinearLayer
  /// `[keyValueHeads · valueSize, hidden]`, or the latent row's elements in place of the hidden one's.
  package var value: LinearLayer
  /// The product to the part of a key that all heads share, `[elements, hidden]`; `nil` for none.
  package var sharedKey: LinearLayer?
  /// The number of elements of a head's value; `nil` for as many as a key has.
  package var valueSize: Int?
  /// The norm of each head of the query, before it is turned; `nil` for none.
  package var queryNorm: Norm?
  /// The norm of each head of the key, before it is turned; `nil` for none.
  package var keyNorm: Norm?
  /// The limit of queries and keys, before they are turned, and of values; `nil` for none.
  package var clamp: ClampLayer?
  /// The layer by which positions turn queries and keys; `nil` where they do not.
  package var rotary: RotaryEmbeddingLayer?
  /// The layer in which queries, keys and values meet.
  package var attention: AttentionLayer
  /// `[hidden, heads · valueSize]`.
  package var output: LinearLayer

  /// Makes the mixer from its layers.
  package init(
    query: LinearLayer, key: LinearLayer, value: LinearLayer, queryNorm: Norm? = nil, keyNorm: Norm? = nil,
    rotary: RotaryEmbeddingLayer?, attention: AttentionLayer, output: LinearLayer, queryLatent: Latent? = nil,
    keyValueLatent: Latent? = nil, sharedKey: LinearLayer? = nil, valueSize: Int? = nil, clamp: ClampLayer? = nil
  ) {
    (self.queryLatent, self.keyValueLatent) = (queryLatent, keyValueLatent)
    (self.sharedKey, self.valueSize) = (sharedKey, valueSize)
    self.query = query
    self.key = key
    self.value = value
    self.queryNorm = queryNorm
    self.keyNorm = keyNorm
    self.clamp = clamp
    self.rotary = rotary
    self.attention = attention
    self.output = output
  }
}

/// A row that is narrower than the hidden one: a product, and its norm.
package struct Latent: Sendable {
  /// `[elements, hidden]`.
  package var product: LinearLayer
  /// The norm of the row.
  package var norm: Norm

  /// Makes the latent row.
  package init(product: LinearLayer, norm: Norm) { (self.product, self.norm) = (product, norm) }
}
