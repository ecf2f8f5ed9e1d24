import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// Layer normalisation: the engine's declared accuracy before its one rounding, and one more rounding of each weight and
  /// bias that Float32 does not hold.
  package static func layerNorm(
    _ x: Activation<Float>, _ layer: LayerNormLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = try Reference.layerNorm(inputs, layer, precision: precision)
    let weights = try Reference.row(0, of: layer.weight)
    let biases = try layer.bias.map { bias throws(EnclosureError) in try Reference.row(0, of: bias) }
    let declared = Engine.layerNormRelativeError(terms: x.columns).rational
    let absolute = Engine.layerNormAbsoluteError(terms: x.columns).rational
    let types = [layer.weight.type] + (layer.bias.map { [$0.type] } ?? [])
    let parameter = types.map { Engine.weightRelativeError(of: $0).rational }.reduce(0) { max($0, $1) }
    // z = y − bias takes in the weight's error, |z| ≤ |y| + |bias|, and the bias its own.
    let relative = declared + parameter + declared * parameter
    let bounds = exact.elements.enumerated().map { index, ball -> Rational? in
      let bias = biases.map { $0[index % x.columns].magnitude } ?? 0
      let weight = weights[index % x.columns].magnitude
      return Tolerance.oneRounding(
        of: ball, relativeError: relative,
        absoluteError: bias * (relative + parameter) + weight * absolute * (1 + parameter))
    }
    return Expectation(exact: exact, bounds: bounds)
  }
}
