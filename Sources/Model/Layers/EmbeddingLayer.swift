/// Looks up one row a token: y[t] = weight[token t].
public struct EmbeddingLayer: Sendable {
  /// `[vocabulary, hidden]`.
  public let weight: Tensor

  /// Makes the layer from `weight` `[vocabulary, hidden]`.
  public init(weight: Tensor) { self.weight = weight }
}
