import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The sum with the position's row: one rounding, and one more of a weight that Float32 does not hold.
  package static func learnedPosition(
    _ x: Activation<Float>, _ layer: LearnedPositionLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = try Reference.learnedPosition(inputs, layer, firstPosition: firstPosition, precision: precision)
    let weight = Engine.weightRelativeError(of: layer.weight.type).rational
    if weight.isZero {
      return Expectation(exact: exact, bounds: exact.elements.map { Tolerance.oneRounding(of: $0) })
    }
    var bounds: [Rational?] = []
    for token in 0..<x.rows {
      let row = try Reference.row(firstPosition + token, of: layer.weight)
      bounds += exact.row(token).enumerated().map { column, ball in
        Tolerance.oneRounding(of: ball, relativeError: 0, absoluteError: weight * row[column].magnitude)
      }
    }
    return Expectation(exact: exact, bounds: bounds)
  }
}
