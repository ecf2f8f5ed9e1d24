import PlumbExact
import PlumbModel

extension Reference {
  /// The rows of the token embedding, `[tokens, hidden]`, exactly.
  ///
  /// - Throws: `EnclosureError.argumentOutsideDomain` where a token is outside the vocabulary or a weight is not finite.
  package static func embedding(
    _ tokens: [Int], _ layer: EmbeddingLayer
  ) throws(EnclosureError) -> Activation<Ball> {
    var elements: [Ball] = []
    for token in tokens {
      guard 0..<layer.weight.rows ~= token else {
        throw .argumentOutsideDomain(function: "embedding: token \(token), vocabulary 0 ..< \(layer.weight.rows)")
      }
      let row = try row(token, of: layer.weight)
      elements += (0..<row.count).map { Ball(row[$0]) }
    }
    return Activation(shape: [tokens.count, layer.weight.columns], elements: elements)
  }
}
