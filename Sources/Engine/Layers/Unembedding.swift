import PlumbModel

extension Engine {
  /// The logits of each row of `x`: `[tokens, hidden]` to `[tokens, vocabulary]`; a linear layer, and computed as one;
  /// with a soft cap, softCap · tanh(y / softCap) of each logit y.
  ///
  /// *Error bound*: that of `linear`; a soft cap is another step from there, of relative `softCapRelativeError` before its
  /// one rounding.
  ///
  /// - Precondition: the soft cap is positive.
  package static func unembedding(
    _ x: Activation<Float>, _ layer: LinearLayer, softCap: Float? = nil, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let logits = linear(x, layer, instructionSet: instructionSet)
    return softCap.map { Activation(shape: logits.shape, elements: softCapped(logits.elements, $0)) } ?? logits
  }
}
