import PlumbModel

extension Engine {
  /// The values of `value` `[positions, keyValueHeads, headSize]`, weighted by `weights` `[heads, tokens, positions]`:
  /// `[tokens, heads, headSize]`, where token 0 stands at `firstPosition`.
  ///
  /// The sum over the positions that a token sees is formed as `SummationTree` says, from the first of them
  /// on; the others are no terms of it. The sum is 0 where there is no such position.
  ///
  /// - Precondition: the shapes fit the layer, and where it is causal there is a value for every position up to the last
  ///   token's.
  package static func attentionValues(
    _ weights: Activation<Float>, _ value: Activation<Float>, _ layer: AttentionLayer, firstPosition: Int = 0,
    instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let (tokens, positions) = (weights.shape[1], value.shape[0])
    precondition(weights.shape == [layer.heads, tokens, positions], "weights of shape \(weights.shape)")
    precondition(value.shape == [positions, layer.keyValueHeads, layer.headSize], "a value of shape \(value.shape)")
    precondition(layer.fits(tokens, at: firstPosition, positions: positions), "\(positions) values are too few")
    var cache = KeyValueCache(layer)
    cache.append(value: value)
    let crew = Crew(threads: 1, instructionSet: instructionSet)
    let rows = AttentionRows(cache, firstPosition: firstPosition, positions: positions, crew)
    return unsafe Activation.filled([tokens, layer.heads, layer.headSize]) { output in
      // Sound: a row of weights has `positions` elements, and each row writes one head.
      unsafe weights.elements.withUnsafeBufferPointer { weights in
        guard let weights = weights.baseAddress else { return }
        for head in 0..<layer.heads {
          unsafe rows.values(
            RowsTogether(head: head, tokens: 0..<tokens), weights + head * tokens * positions, stride: positions,
            into: output + head * layer.headSize)
        }
      }
    }
  }
}
