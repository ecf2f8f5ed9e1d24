import PlumbModel

extension Engine {
  /// Attention as a whole: `[tokens, heads, headSize]` from a query of that shape and keys and values
  /// `[positions, keyValueHeads, headSize]`, of which those before `firstPosition` come from the cache.
  ///
  /// *Error bound*: each step is the layer of its name, rounded to Float32 as that layer is.
  ///
  /// - Precondition: the shapes fit the layer, its scale and soft cap are positive, and where it is causal there is a key and a
  ///   value for every position up to the last token's.
  package static func attention(
    _ query: Activation<Float>, _ key: Activation<Float>, _ value: Activation<Float>, _ layer: AttentionLayer,
    firstPosition: Int = 0, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let scores = attentionScores(
      query, key, layer, firstPosition: firstPosition, instructionSet: instructionSet)
    let weights = softmax(scores, layer, firstPosition: firstPosition, instructionSet: instructionSet)
    return attentionValues(weights, value, layer, firstPosition: firstPosition, instructionSet: instructionSet)
  }
}
