import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// The turning of pairs: the engine's declared accuracy before its one rounding, proportional to the pair's size.
  ///
  /// Elements beyond the turned ones pass unchanged, and so does position 0. `turns` are the positions', where somebody has
  /// them at this precision.
  package static func rotaryEmbedding(
    _ x: Activation<Float>, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0,
    turns: Activation<Reference.Turn>? = nil, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    return try rotaryEmbedding(
      Expectation(exactly: inputs), layer, firstPosition: firstPosition, turns: turns, precision: precision)
  }

  /// The turning back of pairs: turning them with the elements of each pair exchanged.
  package static func rotaryEmbeddingBackward(
    _ gradient: Activation<Float>, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    let turned = try rotaryEmbedding(
      gradient.exchanged(layer), layer, firstPosition: firstPosition, precision: precision)
    return turned.map { turned in
      let bounds = Activation(shape: turned.exact.shape, elements: turned.bounds).exchanged(layer)
      return Expectation(exact: turned.exact.exchanged(layer), bounds: bounds.elements)
    }
  }

  /// The turning of pairs that the engine computed: how far each element strays over the pairs that their errors allow, then
  /// the declared accuracy at the greatest of them and one rounding.
  static func rotaryEmbedding(
    _ x: Expectation, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0,
    turns: Activation<Reference.Turn>? = nil, precision: Int
  ) throws(EnclosureError) -> Expectation {
    let exact = try Reference.rotaryEmbedding(
      x.exact, layer, firstPosition: firstPosition, turns: turns, precision: precision)
    let isGiven = x.bounds.allSatisfy { $0 == 0 }
    let reached =
      isGiven ? exact : try Reference.rotaryEmbedding(x.widened, layer, firstPosition: firstPosition, precision: 64)
    let (heads, headSize) = (exact.shape[1], exact.shape[2])
    let pairSizes = pairSizes(x, layer)
    let fastest = Engine.greatestRotaryFrequency(layer)
    // The engine's sine and cosine are proved for angles up to 2²⁴ only: beyond, nothing is claimed of what is turned.
    let declared = (0..<exact.shape[0]).map { token -> Rational? in
      let angle = (Double(firstPosition + token) * fastest).nextUp
      return angle <= 0x1p24 ? Engine.rotaryError(angle: angle, layer).rational : nil
    }
    let bounds = exact.elements.indices.map { index -> Rational? in
      let (here, there) = (exact.elements[index], reached.elements[index])
      guard layer.rotated.contains(index % headSize) else {
        return isGiven ? Tolerance.oneRounding(of: here) : x.bounds[index]
      }
      guard let declared = declared[index / (heads * headSize)], let pairSize = pairSizes[index] else { return nil }
      if isGiven && here.isExact { return Tolerance.oneRounding(of: here) }
      let strayed = isGiven ? 0 : here.distance(across: there)
      return Tolerance.oneRounding(of: here, relativeError: 0, absoluteError: strayed + pairSize * declared)
    }
    return Expectation(exact: exact, bounds: bounds)
  }

  /// For each element the greatest |a| + |b| of its pair; `nil` where the bound of either is not known.
  private static func pairSizes(_ x: Expectation, _ layer: RotaryEmbeddingLayer) -> [Rational?] {
    let magnitudes = x.magnitudes.elements
    var sizes = [Rational?](repeating: 0, count: magnitudes.count)
    for start in stride(from: 0, to: magnitudes.count, by: max(x.exact.columns, 1)) {
      for index in 0..<layer.rotatedSize / 2 {
        let (first, second) = (start + layer.pair(index).first, start + layer.pair(index).second)
        let isKnown = x.bounds[first] != nil && x.bounds[second] != nil
        let size = isKnown ? magnitudes[first].midpoint + magnitudes[second].midpoint : nil
        (sizes[first], sizes[second]) = (size, size)
      }
    }
    return sizes
  }
}
