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

  /// Of the softmax of a row `[columns]`, over those columns that `isAllowed`, the elements at `places` alone.
  static func softmax(
    _ row: Activation<Float>, places: [Int], precision: Int, isAllowed: (Int) -> Bool
  ) throws(EnclosureError) -> Expectation? {
    let allowed = row.elements.indices.filter(isAllowed)
    let seen = Activation<Float>(shape: [allowed.count], elements: allowed.map { row.elements[$0] })
    guard let inputs = seen.asBalls else { return nil }
    let ranks = places.map { allowed.firstIndex(of: $0) }
    var values = try Reference.softmax(
      inputs.elements[...], places: ranks.compactMap { $0 }, precision: precision
    ).makeIterator()
    let exact = ranks.map { $0 == nil ? Ball(0) : values.next() ?? Ball(0) }
    return expectation(Activation(shape: [places.count], elements: exact), terms: row.columns)
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
