import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The softmax of each row over the positions that the mask allows: the engine's declared accuracy before its one
  /// rounding.
  ///
  /// Elements that the mask excludes are 0 on both sides. Row 0 of the tokens stands at `firstPosition`.
  static func softmax(
    _ scores: Activation<Float>, _ layer: AttentionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    // Excluded scores are −∞ in the engine and hold no value in the reference.
    let (tokens, positions) = (scores.shape[1], scores.shape[2])
    let allowed = Activation<Float>(
      shape: scores.shape,
      elements: scores.elements.indices.map { index in
        layer.allows(query: firstPosition + index / positions % tokens, key: index % positions)
          ? scores.elements[index] : 0
      })
    guard let inputs = allowed.asBalls else { return nil }
    let exact = try Reference.softmax(inputs, layer, firstPosition: firstPosition, precision: precision)
    return expectation(exact, terms: positions)
  }

  /// The softmax of each whole row.
  static func softmax(_ x: Activation<Float>, precision: Int) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    return expectation(try Reference.softmax(inputs, precision: precision), terms: x.columns)
  }

  private static func expectation(_ exact: Activation<Ball>, terms: Int) -> Expectation {
    let relative = Engine.softmaxRelativeError(terms: terms).rational
    return Expectation(
      exact: exact,
      bounds: exact.elements.map { ball in
        // The declared accuracy is proved for rows of fewer than 2²⁴ elements.
        guard terms < 1 << 24 else { return nil }
        return ball.isExact
          ? Tolerance.oneRounding(of: ball) : Tolerance.oneRounding(of: ball, relativeError: relative)
      })
  }
}
