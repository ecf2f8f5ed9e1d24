/// Grouped-query attention: how queries, keys and values meet.
///
/// scores[h, t, s] = scale · Σᵢ query[t, h, i] · key[s, g(h), i], where g(h) = h / (heads / keyValueHeads) and the scale is
/// 1/√headSize unless told otherwise, as a number or as a number under the root, times the square of a `stretch`; with a soft cap,
/// softCap · tanh of that / softCap; with a linear bias, its number for the head and the distance more;
/// weights[h, t, ·] is the softmax of the allowed scores; values[t, h, i] = Σₛ weights[h, t, s] · value[s, g(h), i].
/// The weights of a token that is allowed no position are 0, and so are its values, sums without a term. With sinks, the head's
/// is one more score of each row, whose weight is dropped.
/// Source: Vaswani et al. 2017, section 3.2.1; Ainslie et al. 2023, *GQA*, section 2.2; Beltagy et al. 2020, *Longformer*,
/// section 3.1 (the window); Gemma Team 2024, *Gemma 2*, section 2 (the soft cap).
package struct AttentionLayer: Sendable, Hashable {
  /// The number of query heads; a multiple of `keyValueHeads`.
  package var heads: Int
  /// The number of heads of keys and values.
  package var keyValueHeads: Int
  /// The number of elements of a head.
  package var headSize: Int
  /// Whether a token sees no position after its own.
  package var isCausal: Bool
  /// The number of positions that a token sees up to its own, its own included; `nil` for all.
  package var window: Int?
  /// The number of positions after its own that a token sees, where it sees any; `nil` for all.
  package var windowAfter: Int?
  /// The factor of the sums of products, a positive number; `nil` for 1/√size of the scale.
  ///
  /// The real number that this binary32 is.
  package var scale: Float?
  /// The size of the scale, 1 or more; `nil` for that of a head.
  package var scaleSize: Int?
  /// The number whose square multiplies the scale.
  ///
  /// Source: the class of attention in the code of DeepSeek-V2 (`mscale`), for angles that YaRN scales.
  package var stretch: RotaryMagnitude
  /// The limit that the scores are kept within, a positive number; `nil` for none.
  ///
  /// The real number that this binary32 is.
  package var softCap: Float?
  /// The numbers that are added to the scores; `nil` for none.
  package var linearBias: LinearBias?
  /// The logits that join the scores of each head's rows; `nil` for none.
  package var sinks: AttentionSinks?

  /// Makes the layer.
  package init(
    heads: Int, keyValueHeads: Int, headSize: Int, isCausal: Bool = true, window: Int? = nil,
    windowAfter: Int? = nil, scale: Float? = nil, scaleSize: Int? = nil, softCap: Float? = nil,
    linearBias: LinearBias? = nil, sinks: AttentionSinks? = nil, stretch: RotaryMagnitude = .number(1)
  ) {
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.headSize = headSize
    self.isCausal = isCausal
    self.window = window
    self.windowAfter = windowAfter
    self.scale = scale
    self.scaleSize = scaleSize
    self.softCap = softCap
    self.linearBias = linearBias
    self.sinks = sinks
    self.stretch = stretch
  }

  /// The head of keys and values that the query head `head` reads.
  package func keyValueHead(of head: Int) -> Int { head / (heads / keyValueHeads) }

  /// Whether the token at position `query` may see the one at position `key`.
  package func allows(query: Int, key: Int) -> Bool {
    (!isCausal || key <= query) && (window.map { query - key < $0 } ?? true)
      && (windowAfter.map { key - query <= $0 } ?? true)
  }

  /// The positions, of `positions`, that the token at position `query` may see, which lie next to one another.
  package func seen(from query: Int, of positions: Int) -> Range<Int> {
    let allowed = (0..<positions).filter { allows(query: query, key: $0) }
    guard let first = allowed.first, let last = allowed.last else { return positions..<positions }
    return first..<last + 1
  }

  /// The size whose reciprocal root is the scale where none is stated as a number.
  package var sizeOfScale: Int { scaleSize ?? headSize }

  /// The layer of values whose heads have `size` elements.
  package func ofValues(size: Int) -> AttentionLayer {
    var layer = self
    layer.headSize = size
    return layer
  }

  /// The layer of the head `head` alone, without its mask and sinks.
  package func ofHead(_ head: Int) -> AttentionLayer {
    AttentionLayer(
      heads: 1, keyValueHeads: 1, headSize: headSize, isCausal: false, scale: scale, scaleSize: scaleSize,
      softCap: softCap, linearBias: linearBias?.ofHead(head), stretch: stretch)
  }

  /// The same layer without what changes its scores after their scale.
  package var scalingOnly: AttentionLayer {
    var layer = unbiased
    layer.softCap = nil
    return layer
  }

  /// The same layer without its linear bias.
  package var unbiased: AttentionLayer {
    var layer = self
    layer.linearBias = nil
    return layer
  }
}
