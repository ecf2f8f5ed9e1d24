/// The part of a transformer before its blocks: rows for tokens.
package struct Stem: Sendable {
  /// The token embedding, `[vocabulary, hidden]`.
  package var tokens: EmbeddingLayer
  /// The number that multiplies the rows; `nil` for none.
  package var scale: ScaleLayer?
  /// The rows that are added for the tokens' type, the same for every position of a text; `nil` for none.
  package var types: LearnedPositionLayer?
  /// The rows that are added for positions; `nil` for none.
  package var positions: LearnedPositionLayer?
  /// The norm before the first block; `nil` for none.
  package var norm: Norm?

  /// Makes the stem.
  package init(
    tokens: EmbeddingLayer, scale: ScaleLayer? = nil, types: LearnedPositionLayer? = nil,
    positions: LearnedPositionLayer? = nil, norm: Norm? = nil
  ) {
    self.tokens = tokens
    self.scale = scale
    self.types = types
    self.positions = positions
    self.norm = norm
  }
}
