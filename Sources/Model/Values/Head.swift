/// The part of a transformer after its blocks: the distribution of the next token.
public struct Head: Sendable {
  /// After the last block; `nil` for none.
  public var norm: Norm?
  /// `[vocabulary, hidden]`: the embedding's tensor where the two are tied.
  public var unembedding: LinearLayer
  /// The limit that the unembedding is kept within, a positive number; `nil` for none.
  ///
  /// The real number that this binary32 is.
  public var softCap: Float?
  /// The number that multiplies the unembedding; `nil` for none.
  public var scale: ScaleLayer?

  /// Makes the head.
  public init(norm: Norm?, unembedding: LinearLayer, softCap: Float? = nil, scale: ScaleLayer? = nil) {
    self.norm = norm
    self.unembedding = unembedding
    self.softCap = softCap
    self.scale = scale
  }
}
