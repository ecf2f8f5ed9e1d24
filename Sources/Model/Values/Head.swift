/// The part of a transformer after its blocks: the distribution of the next token.
public struct Head: Sendable {
  /// After the last block; `nil` for none.
  public var norm: Norm?
  /// `[vocabulary, hidden]`: the embedding's tensor where the two are tied.
  public var unembedding: LinearLayer

  /// Makes the head.
  public init(norm: Norm?, unembedding: LinearLayer) {
    self.norm = norm
    self.unembedding = unembedding
  }
}
