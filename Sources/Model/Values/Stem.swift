/// The part of a transformer before its blocks: rows for tokens.
public struct Stem: Sendable {
  /// The token embedding, `[vocabulary, hidden]`.
  public var tokens: EmbeddingLayer
  /// What is added for each position; `nil` for nothing.
  public var positions: LearnedPositionLayer?

  /// Makes the stem.
  public init(tokens: EmbeddingLayer, positions: LearnedPositionLayer? = nil) {
    self.tokens = tokens
    self.positions = positions
  }
}
