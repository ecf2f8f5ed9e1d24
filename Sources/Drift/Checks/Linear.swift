import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// A matrix product: the engine's declared summation tree, one more rounding for weights that Float32 does not hold,
  /// and one for the bias.
  static func linear(
    _ x: Activation<Float>, _ layer: LinearLayer, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = try Reference.linear(inputs, layer, precision: precision)
    let magnitudes = try Reference.linearMagnitudes(inputs, layer.weight)
    let bias = try layer.bias.map { bias throws(EnclosureError) in
      try Reference.row(0, of: bias)
    }
    let terms = layer.weight.columns
    let depth = summationTree.depth(terms: terms)
    let outputs = layer.weight.rows
    let weightRoundings = Engine.weightRelativeError(of: layer.weight.type) == 0 ? 0 : 1
    let bounds = concurrentMap(exact.elements.count) { index -> Rational? in
      let bias = bias.map { $0[index % outputs].magnitude }
      return Tolerance.dotProduct(
        absoluteSum: magnitudes.elements[index] + (bias ?? 0), terms: terms, depth: depth,
        further: weightRoundings + (bias == nil ? 0 : 1))
    }
    return Expectation(exact: exact, bounds: bounds)
  }
}
