import PlumbExact
import PlumbModel

extension Reference {
  /// The logits of the vocabulary, `[…, vocabulary]` from `[…, hidden]`: a linear layer.
  ///
  /// *Error bound*, throws and precondition are those of `linear`.
  public static func unembedding(
    _ x: Activation<Ball>, _ layer: LinearLayer, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    try linear(x, layer, precision: precision)
  }
}
