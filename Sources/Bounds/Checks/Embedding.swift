import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// Rows of the embedding: each element is the weight, rounded once where its format is wider than Float32.
  package static func embedding(_ tokens: [Int], _ layer: EmbeddingLayer) throws(EnclosureError) -> Expectation {
    let exact = try Reference.embedding(tokens, layer)
    return Expectation(exact: exact, bounds: exact.elements.map { Tolerance.oneRounding(of: $0) })
  }
}
