import PlumbModel

extension Engine {
  /// The probabilities with which `Sampler` draws the next token: in the shape of `logits` `[…, vocabulary]`, exactly 0
  /// for what is not kept.
  ///
  /// Tokens are ranked by their logits, exactly. Masses are computed in Float64: top-p compares sums that are off by a
  /// relative `samplingMassError(terms:)` each at most, min-p a power of e that is off by `samplingMassError(terms: 1)`.
  /// The probabilities of what is kept are computed in Float64 and rounded once: y = fl32(exact·(1 + ε)),
  /// |ε| ≤ `samplingRelativeError(terms:)`.
  ///
  /// *Edge cases*: NaN and −∞ have 0 beside other tokens. Of NaNs alone token 0 has 1; tokens at −∞ alone are equally likely.
  ///
  /// - Precondition: the attributes lie in their ranges.
  package static func sampling(_ logits: Activation<Float>, _ layer: SamplingLayer) -> Activation<Float> {
    let sampler = Sampler(layer)
    var result = [Float](repeating: 0, count: logits.elements.count)
    for row in 0..<logits.rows where logits.columns > 0 {
      let weights = sampler.weights(of: Array(logits.row(row)))
      let sum = weights.reduce(0) { $0 + $1.weight }
      for (token, weight) in weights { result[row * logits.columns + token] = Float(weight / sum) }
    }
    return Activation(shape: logits.shape, elements: result)
  }
}
