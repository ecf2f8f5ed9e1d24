/// The part of a transformer before its blocks: rows for tokens.
public struct Stem: Sendable {
  /// The token embedding, `[vocabulary, hidden]`.
  public var tokens: EmbeddingLayer
  /// The rows that are added for positions; `nil` for none.
  public var positions: LearnedPositionLayer?

  /// Makes the stem.
  public init(tokens: EmbeddingLayer, positions: LearnedPositionLayer? = nil) {
    self.tokens = tokens
    self.positions = positions
  }
}
