import PlumbExact
import PlumbModel

extension Reference {
  /// Attention as a whole, `[tokens, heads, headSize]`: scores, their softmax over what the mask allows, weighted values.
  ///
  /// `query` is `[tokens, heads, headSize]`, `key` and `value` `[positions, keyValueHeads, headSize]`; row 0 of `query`
  /// stands at `firstPosition`, row 0 of the others at 0.
  /// *Error bound*: encloses the true values.
  /// - Throws: `EnclosureError` where a score's radius is 2^16 or more.
  package static func attention(
    _ query: Activation<Ball>, _ key: Activation<Ball>, _ value: Activation<Ball>, _ layer: AttentionLayer,
    firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let scores = try attentionScores(query, key, layer, firstPosition: firstPosition, precision: precision)
    let weights = try softmax(scores, layer, firstPosition: firstPosition, precision: precision)
    return attentionValues(weights, value, layer, firstPosition: firstPosition, precision: precision)
  }
}
