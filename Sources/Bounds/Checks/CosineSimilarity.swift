import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The cosines of rows: the engine's declared accuracy before its one rounding.
  package static func cosineSimilarity(
    _ x: Activation<Float>, _ y: Activation<Float>, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let first = x.asBalls, let second = y.asBalls else { return nil }
    let exact = try Reference.cosineSimilarity(first, second, precision: precision)
    let declared = Engine.cosineSimilarityError(terms: x.columns).rational
    return Expectation(
      exact: exact,
      bounds: exact.elements.map { ball in
        Tolerance.oneRounding(of: ball, relativeError: declared, absoluteError: declared)
      })
  }
}
