/// The part of a transformer after its blocks: of a decoder the distribution of the next token, of an encoder nothing but a norm.
package struct Head: Sendable {
  /// After the last block; `nil` for none.
  package var norm: Norm?
  /// `[vocabulary, hidden]`: the embedding's tensor where the two are tied; `nil` for an encoder, whose result is a row for
  /// each token.
  package var unembedding: LinearLayer?
  /// The limit that the unembedding is kept within, a positive number; `nil` for none.
  ///
  /// The real number that this binary32 is.
  package var softCap: Float?
  /// The number that multiplies the unembedding; `nil` for none.
  package var scale: ScaleLayer?

  /// Makes the head.
  package init(norm: Norm?, unembedding: LinearLayer?, softCap: Float? = nil, scale: ScaleLayer? = nil) {
    self.norm = norm
    self.unembedding = unembedding
    self.softCap = softCap
    self.scale = scale
  }
}
