/// Grouped-query causal attention: how queries, keys and values meet.
///
/// scores[h, t, s] = Σᵢ query[t, h, i] · key[s, g(h), i] / √headSize, where g(h) = h / (heads / keyValueHeads);
/// weights[h, t, ·] is the softmax of the allowed scores; values[t, h, i] = Σₛ weights[h, t, s] · value[s, g(h), i].
/// A token sees itself and what stands before it.
/// Source: Vaswani et al. 2017, section 3.2.1; Ainslie et al. 2023, *GQA*, section 2.2.
public struct AttentionLayer: Sendable {
  /// The number of query heads; a multiple of `keyValueHeads`.
  public let heads: Int
  /// The number of heads of keys and values.
  public let keyValueHeads: Int
  /// The number of elements of a head.
  public let headSize: Int

  /// Makes the layer.
  public init(heads: Int, keyValueHeads: Int, headSize: Int) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
  }

  /// The head of keys and values that the query head `head` reads.
  public func keyValueHead(of head: Int) -> Int { head / (heads / keyValueHeads) }

  /// Whether the token at position `query` may see the one at position `key`.
  public func allows(query: Int, key: Int) -> Bool { key <= query }
}
