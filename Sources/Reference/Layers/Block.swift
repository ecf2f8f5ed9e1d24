import PlumbExact
import PlumbModel

extension Reference {
  /// One block of a transformer, `[tokens, hidden]` from `[tokens, hidden]`; row 0 stands at position 0.
  ///
  /// *Error bound*: encloses the true values.
  /// - Throws: `EnclosureError` where one of its layers does.
  public static func block(
    _ x: Activation<Ball>, _ layer: BlockLayer, _ rotary: RotaryEmbeddingLayer, _ attention: AttentionLayer,
    precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    if layer.isPostNormalised {
      let attended = try self.attended(x, layer, rotary, attention, precision: precision)
      let middle = try rmsNorm(
        residualAdd(x, attended, precision: precision), layer.attentionNorm, precision: precision)
      let fed = try gatedFeedForward(middle, layer.feedForward, precision: precision)
      return try rmsNorm(residualAdd(middle, fed, precision: precision), layer.feedForwardNorm, precision: precision)
    }
    let input = try rmsNorm(x, layer.attentionNorm, precision: precision)
    let attended = try self.attended(input, layer, rotary, attention, precision: precision)
    let middle = residualAdd(x, attended, precision: precision)
    let normalised = try rmsNorm(middle, layer.feedForwardNorm, precision: precision)
    let fed = try gatedFeedForward(normalised, layer.feedForward, precision: precision)
    return residualAdd(middle, fed, precision: precision)
  }

  /// The attention of a block, from its input to the heads' projection back.
  private static func attended(
    _ x: Activation<Ball>, _ layer: BlockLayer, _ rotary: RotaryEmbeddingLayer, _ attention: AttentionLayer,
    precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    func heads(_ layer: LinearLayer, _ count: Int) throws(EnclosureError) -> Activation<Ball> {
      try linear(x, layer, precision: precision).reshaped([x.rows, count, attention.headSize])
    }
    let query = try rotaryEmbedding(heads(layer.query, attention.heads), rotary, precision: precision)
    let key = try rotaryEmbedding(heads(layer.key, attention.keyValueHeads), rotary, precision: precision)
    let value = try heads(layer.value, attention.keyValueHeads)
    let values = try self.attention(query, key, value, attention, precision: precision)
    return try linear(
      values.reshaped([x.rows, attention.heads * attention.headSize]), layer.output, precision: precision)
  }
}
