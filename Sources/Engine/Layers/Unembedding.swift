import PlumbModel

extension Engine {
  /// The logits of each row of `x`: `[tokens, hidden]` to `[tokens, vocabulary]`; a linear layer, and computed as one.
  ///
  /// *Error bound*: that of `linear`.
  public static func unembedding(
    _ x: Activation<Float>, _ layer: LinearLayer, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    linear(x, layer, instructionSet: instructionSet)
  }
}
