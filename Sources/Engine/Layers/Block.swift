import PlumbModel

extension Engine {
  /// One block of a transformer: `[tokens, hidden]` to `[tokens, hidden]`, where row 0 stands at position 0.
  ///
  /// The bits are those of a pass, which computes the same layers.
  /// *Error bound*: each step is the layer of its name, rounded to Float32 as that layer is.
  ///
  /// - Precondition: the shapes fit together, and the layers' own preconditions hold.
  public static func block(
    _ x: Activation<Float>, _ layer: BlockLayer, _ rotary: RotaryEmbeddingLayer, _ attention: AttentionLayer,
    instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    func norm(_ x: Activation<Float>, _ layer: RMSNormLayer) -> Activation<Float> {
      rmsNorm(x, layer, instructionSet: instructionSet)
    }
    func heads(_ x: Activation<Float>, _ layer: LinearLayer, _ count: Int) -> Activation<Float> {
      linear(x, layer, instructionSet: instructionSet).reshaped([x.rows, count, attention.headSize])
    }
    func attended(_ x: Activation<Float>) -> Activation<Float> {
      let values = Engine.attention(
        rotaryEmbedding(heads(x, layer.query, attention.heads), rotary),
        rotaryEmbedding(heads(x, layer.key, attention.keyValueHeads), rotary),
        heads(x, layer.value, attention.keyValueHeads), attention, instructionSet: instructionSet)
      return linear(
        values.reshaped([x.rows, attention.heads * attention.headSize]), layer.output, instructionSet: instructionSet)
    }
    func fed(_ x: Activation<Float>) -> Activation<Float> {
      gatedFeedForward(x, layer.feedForward, instructionSet: instructionSet)
    }
    if layer.isPostNormalised {
      let middle = norm(residualAdd(x, attended(x)), layer.attentionNorm)
      return norm(residualAdd(middle, fed(middle)), layer.feedForwardNorm)
    }
    let middle = residualAdd(x, attended(norm(x, layer.attentionNorm)))
    return residualAdd(middle, fed(norm(middle, layer.feedForwardNorm)))
  }
}
