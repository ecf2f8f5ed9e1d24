import PlumbModel

extension Engine {
  /// The scaled scores of each query with each key it sees: `[heads, tokens, positions]`.
  ///
  /// `query` is `[tokens, heads, headSize]`, its row 0 at `firstPosition`; `key` is `[positions, keyValueHeads, headSize]`.
  /// Excluded elements are −∞ and hold no value.
  ///
  /// The sum of headSize products is formed as `SummationTree` says; its quotient by √headSize, or by 1/scale, is computed
  /// in Float64 and rounded once: y = fl32(sum·(1 + ε)), |ε| ≤ `attentionScaleRelativeError(_:)`. A soft cap is another
  /// step from there, rounded once: fl32(cap·tanh(y/cap)·(1 + ε)), |ε| ≤ `softCapRelativeError`. A linear
  /// bias is one more: fl32((y + b·(1 + β))·(1 + δ)), |β| ≤ `linearBiasRelativeError(_:head:)`, |δ| ≤ 2⁻⁵³.
  ///
  /// - Precondition: the shapes fit the layer, its scale and soft cap are positive, a linear bias has a slope for each head, and where it is causal there is a key for
  ///   every position up to the last token's.
  package static func attentionScores(
    _ query: Activation<Float>, _ key: Activation<Float>, _ layer: AttentionLayer, firstPosition: Int = 0,
    instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let (tokens, positions) = (query.shape[0], key.shape[0])
    precondition(query.shape == [tokens, layer.heads, layer.headSize], "a query of shape \(query.shape)")
    precondition(key.shape == [positions, layer.keyValueHeads, layer.headSize], "a key of shape \(key.shape)")
    precondition(layer.fits(tokens, at: firstPosition, positions: positions), "\(positions) keys are too few")
    var cache = KeyValueCache(layer)
    let crew = Crew(threads: 1, instructionSet: instructionSet)
    cache.append(key: key, crew)
    let rows = AttentionRows(cache, firstPosition: firstPosition, positions: positions, crew)
    return unsafe Activation.filled([layer.heads, tokens, positions]) { output in
      unsafe output.initialize(repeating: -.infinity, count: layer.heads * tokens * positions)
      // Sound: a row writes its visible positions, at most `positions`.
      unsafe query.elements.withUnsafeBufferPointer { query in
        guard let query = query.baseAddress else { return }
        for head in 0..<layer.heads {
          unsafe rows.scores(
            RowsTogether(head: head, tokens: 0..<tokens), query + head * layer.headSize,
            into: output + head * tokens * positions, stride: positions)
        }
      }
    }
  }
}
