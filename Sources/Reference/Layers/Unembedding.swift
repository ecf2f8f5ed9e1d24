import PlumbExact
import PlumbModel

extension Reference {
  /// The logits of the vocabulary, `[…, vocabulary]` from `[…, hidden]`: a linear layer; with a soft cap,
  /// softCap · tanh(y / softCap) of each logit y.
  ///
  /// *Error bound*, throws and precondition are those of `linear` and `softCapped`.
  package static func unembedding(
    _ x: Activation<Ball>, _ layer: LinearLayer, softCap: Float? = nil, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let logits = try linear(x, layer, precision: precision)
    guard let softCap else { return logits }
    return try softCapped(logits, softCap, precision: precision)
  }
}
