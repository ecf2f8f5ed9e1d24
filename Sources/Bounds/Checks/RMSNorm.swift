import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// Root-mean-square normalisation: the engine's declared accuracy before its one rounding, and one more rounding for a
  /// weight that Float32 does not hold.
  ///
  /// With `columns`, these elements of each row alone.
  package static func rmsNorm(
    _ x: Activation<Float>, _ layer: RMSNormLayer, columns: [Int]? = nil, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = try Reference.rmsNorm(inputs, layer, columns: columns, precision: precision)
    let declared = Engine.rmsNormRelativeError(terms: x.columns).rational
    // (1 + ε)(1 + δ) − 1 = ε + δ + εδ, and every term of it is at most 1.
    let weight = Engine.weightRelativeError(of: layer.weight.type).rational
    let relative = declared + weight + declared * weight
    guard layer.addsOne && !weight.isZero else {
      return Expectation(
        exact: exact, bounds: exact.elements.map { Tolerance.oneRounding(of: $0, relativeError: relative) })
    }
    // The weight's error is relative to the weight, not to 1 + weight: |x| ≤ √n·√(mean x²) makes it absolute.
    let weights = try Reference.row(0, of: layer.weight)
    let columns = columns ?? Array(0..<x.columns)
    let greatest = Rational(Integer(x.columns).squareRoot() + 1) * (1 + declared) * weight
    return Expectation(
      exact: exact,
      bounds: exact.elements.enumerated().map { index, ball in
        Tolerance.oneRounding(
          of: ball, relativeError: declared, absoluteError: greatest * weights[columns[index % columns.count]].magnitude
        )
      })
  }
}
