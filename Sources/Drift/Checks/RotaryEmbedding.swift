import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The turning of pairs: the engine's declared accuracy before its one rounding, proportional to the pair's size.
  ///
  /// Elements beyond the turned ones pass unchanged, and so does position 0.
  static func rotaryEmbedding(
    _ x: Activation<Float>, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    let exact = try Reference.rotaryEmbedding(inputs, layer, firstPosition: firstPosition, precision: precision)
    let (heads, headSize) = (x.shape[1], x.shape[2])
    var pairSize = inputs.elements.map { _ in Rational(0) }
    for start in stride(from: 0, to: inputs.elements.count, by: headSize) {
      for index in 0..<layer.rotatedSize / 2 {
        let (first, second) = layer.pair(index)
        let size =
          inputs.elements[start + first].midpoint.magnitude + inputs.elements[start + second].midpoint.magnitude
        pairSize[start + first] = size
        pairSize[start + second] = size
      }
    }
    // Frequencies run from 1 to theta^(−1 + 2/size), over the factor: without it none exceeds 1 or 1/theta.
    let fastest = (max(1, (1 / Double(layer.theta)).nextUp) / Double(layer.scalingFactor)).nextUp
    // The engine's sine and cosine are proved for angles up to 2²⁴ only: beyond, nothing is claimed of what is turned.
    let declared = (0..<x.shape[0]).map { token -> Rational? in
      let angle = (Double(firstPosition + token) * fastest).nextUp
      return angle <= 0x1p24 ? Engine.rotaryError(angle: angle, layer).rational : nil
    }
    let bounds = exact.elements.indices.map { index -> Rational? in
      let ball = exact.elements[index]
      guard index % headSize < layer.rotatedSize else { return Tolerance.oneRounding(of: ball) }
      guard let declared = declared[index / (heads * headSize)] else { return nil }
      if ball.isExact { return Tolerance.oneRounding(of: ball) }
      return Tolerance.oneRounding(of: ball, relativeError: 0, absoluteError: pairSize[index] * declared)
    }
    return Expectation(exact: exact, bounds: bounds)
  }
}
