/// Looks up one row a token: y[t] = weight[token t].
package struct EmbeddingLayer: Sendable {
  /// `[vocabulary, hidden]`.
  package let weight: Tensor

  /// Makes the layer from `weight` `[vocabulary, hidden]`.
  package init(weight: Tensor) { self.weight = weight }
}
