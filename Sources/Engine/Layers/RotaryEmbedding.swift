import PlumbModel

extension Engine {
  /// Turns each head of each token by the angles of its position: `[tokens, heads, headSize]`, where row 0 stands at
  /// `firstPosition`.
  ///
  /// Angles, sines, cosines and the turn itself are computed in Float64; each element is rounded once:
  /// y = fl32(exact + δ·(|a| + |b|)), |δ| ≤ `rotaryError(angle:_:)` for the angle
  /// φ = position / scalingFactor · theta^(−2i/rotatedSize).
  /// Elements that are not turned pass unchanged.
  ///
  /// *Edge cases*: the domain is |φ| ≤ 2²⁴ (positions up to 2²⁴ where theta and the factor are at least 1); beyond it the
  /// result is NaN.
  ///
  /// - Precondition: theta and the factor are positive and finite.
  public static func rotaryEmbedding(
    _ x: Activation<Float>, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0
  ) -> Activation<Float> {
    var angles = RotaryAngles(layer, from: firstPosition)
    angles.extend(to: firstPosition + x.shape[0])
    return rotaryEmbedding(x, angles, firstPosition: firstPosition)
  }

  static func rotaryEmbedding(
    _ x: Activation<Float>, _ angles: RotaryAngles, firstPosition: Int
  ) -> Activation<Float> {
    let (heads, headSize) = (x.shape[1], x.shape[2])
    let layer = angles.layer
    var result = x
    for token in 0..<x.shape[0] {
      for pair in 0..<layer.rotatedSize / 2 {
        let (sine, cosine) = angles[firstPosition + token, pair]
        let (first, second) = layer.pair(pair)
        for head in 0..<heads {
          let base = (token * heads + head) * headSize
          let (a, b) = (Double(x.elements[base + first]), Double(x.elements[base + second]))
          result.elements[base + first] = Float(a * cosine - b * sine)
          result.elements[base + second] = Float(a * sine + b * cosine)
        }
      }
    }
    return result
  }
}

/// The sines and cosines of every position from the first to the last so far.
struct RotaryAngles: Sendable {
  /// The layer whose angles they are.
  let layer: RotaryEmbeddingLayer
  private let frequencies: [Double]
  private var table: [(sine: Double, cosine: Double)] = []
  private let first: Int
  private var positions: Int

  /// No position yet; the first will be `first`.
  ///
  /// - Precondition: theta and the factor are positive and finite.
  init(_ layer: RotaryEmbeddingLayer, from first: Int = 0) {
    precondition(layer.theta > 0 && layer.theta.isFinite, "theta \(layer.theta) is not positive and finite")
    self.layer = layer
    self.first = first
    positions = first
    let factor = Double(layer.scalingFactor)
    precondition(factor > 0 && factor.isFinite, "the factor \(factor) is not positive and finite")
    let logarithm = Engine.logarithm(Double(layer.theta))
    frequencies = (0..<layer.rotatedSize / 2).map { pair in
      Engine.exponential(-(Double(2 * pair) / Double(layer.rotatedSize) * logarithm)) / factor
    }
  }

  /// The sine and cosine of the angle of `pair` at `position`.
  subscript(position: Int, pair: Int) -> (sine: Double, cosine: Double) {
    table[(position - first) * frequencies.count + pair]
  }

  /// Adds positions until all below `count` are there.
  mutating func extend(to count: Int) {
    while positions < count {
      for frequency in frequencies { table.append(Engine.sineCosine(Double(positions) * frequency)) }
      positions += 1
    }
  }
}
