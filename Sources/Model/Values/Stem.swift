/// The part of a transformer before its blocks: rows for tokens.
public struct Stem: Sendable {
  /// The token embedding, `[vocabulary, hidden]`.
  public var tokens: EmbeddingLayer
  /// The number that multiplies the rows; `nil` for none.
  public var scale: ScaleLayer?
  /// The rows that are added for the tokens' type, the same for every position of a text; `nil` for none.
  public var types: LearnedPositionLayer?
  /// The rows that are added for positions; `nil` for none.
  public var positions: LearnedPositionLayer?
  /// The norm before the first block; `nil` for none.
  public var norm: Norm?

  /// Makes the stem.
  public init(
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
