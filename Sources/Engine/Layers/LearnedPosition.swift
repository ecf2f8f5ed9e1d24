import PlumbModel

extension Engine {
  /// Adds to each row of `x` `[tokens, hidden]` the row of its position; row 0 stands at `firstPosition`.
  ///
  /// *Error bound*: one rounding of x + w, where w is the weight in Float32 (see `weightRelativeError`).
  ///
  /// - Precondition: every position has a row of the weight.
  package static func learnedPosition(
    _ x: Activation<Float>, _ layer: LearnedPositionLayer, firstPosition: Int = 0,
    instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let positions = Array(firstPosition..<firstPosition + x.rows)
    let rows = embedding(positions, EmbeddingLayer(weight: layer.weight), instructionSet: instructionSet)
    return residualAdd(x, rows.reshaped(x.shape))
  }
}
