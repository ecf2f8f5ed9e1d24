/// The part of a transformer before its blocks: rows for tokens.
public struct Stem: Sendable {
  /// The token embedding, `[vocabulary, hidden]`.
  public var tokens: EmbeddingLayer
  /// The number that multiplies the rows; `nil` for none.
  public var scale: ScaleLayer?
  /// The rows that are added for positions; `nil` for none.
  public var positions: LearnedPositionLayer?

  /// Makes the stem.
  public init(tokens: EmbeddingLayer, scale: ScaleLayer? = nil, positions: LearnedPositionLayer? = nil) {
    self.tokens = tokens
    self.scale = scale
    self.positions = positions
  }
}
