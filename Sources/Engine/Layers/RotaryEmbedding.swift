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
  package static func rotaryEmbedding(
    _ x: Activation<Float>, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0
  ) -> Activation<Float> {
    var angles = RotaryAngles(layer, from: firstPosition)
    angles.extend(to: firstPosition + x.shape[0])
    let places = (0..<x.shape[0]).map { (angles, firstPosition + $0) }
    return rotaryEmbedding(x, places, Crew(threads: 1, instructionSet: .portable))
  }

  /// The same, where `places` has the angles and the position of each row.
  static func rotaryEmbedding(
    _ x: Activation<Float>, _ places: [(angles: RotaryAngles, position: Int)], _ crew: Crew
  ) -> Activation<Float> {
    let (heads, headSize) = (x.shape[1], x.shape[2])
    precondition(places.count == x.shape[0], "\(places.count) places for \(x.shape[0]) rows")
    return unsafe Activation.filled(x.shape, crew) { output in
      // Sound: a row has `heads` heads, within which the rotated elements lie, and each item writes its own row.
      unsafe x.elements.withUnsafeBufferPointer { elements in
        guard let input = elements.baseAddress else { return }
        // In place: threads that copied references to angles would count them up and down in turns.
        unsafe places.withUnsafeBufferPointer { places in
          crew.run(places.count) { row, _ in
            for head in 0..<heads {
              let start = (row * heads + head) * headSize
              unsafe places[row].angles.turn(
                input + start, at: places[row].position, size: headSize, into: output + start)
            }
          }
        }
      }
    }
  }
}

/// The sines and cosines of every position from the first to the last so far.
struct RotaryAngles: Sendable {
  /// The layer whose angles they are.
  let layer: RotaryEmbeddingLayer
  private let frequencies: [Double]
  private let magnitude: Double
  private(set) var table: [(sine: Double, cosine: Double)] = []
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
    magnitude = Engine.magnitude(layer.magnitude)
    frequencies = (0..<layer.pairs).map { pair in
      let power = Engine.exponential(-(Double(2 * pair) / Double(layer.rotatedSize) * logarithm))
      return Engine.scaled(power, pair: pair, layer.scaling) / factor
    }
  }

  /// Writes the turned `head` of `size` elements at `position`; those that are not turned pass unchanged.
  func turn(
    _ head: UnsafePointer<Float>, at position: Int, size: Int, into result: UnsafeMutablePointer<Float>
  ) {
    let (pairs, rotated) = (frequencies.count, layer.rotated)
    precondition(
      0...size ~= rotated.lowerBound && rotated.upperBound <= size, "elements \(rotated) of \(size) cannot turn")
    let (turning, turned) = unsafe (head + rotated.lowerBound, result + rotated.lowerBound)
    // Sound: a position has a row of the table, whose bounds are checked, and the elements that turn lie within the head.
    unsafe table[(position - first) * pairs..<(position - first + 1) * pairs].withUnsafeBufferPointer { angles in
      // One loop a pairing: with distances known beforehand the compiler takes several pairs at a time.
      func turnPairs(step: Int, distance: Int) {
        for pair in 0..<pairs {
          let (sine, cosine) = unsafe angles[pair]
          let (a, b) = unsafe (Double(turning[step * pair]), Double(turning[step * pair + distance]))
          unsafe turned[step * pair] = Float(a * cosine - b * sine)
          unsafe turned[step * pair + distance] = Float(a * sine + b * cosine)
        }
      }
      switch layer.pairing {
      case .adjacent: turnPairs(step: 2, distance: 1)
      case .halfSplit: turnPairs(step: 1, distance: pairs)
      }
    }
    for index in 0..<rotated.lowerBound { unsafe result[index] = head[index] }
    for index in rotated.upperBound..<size { unsafe result[index] = head[index] }
  }

  /// Adds positions until all below `count` are there.
  mutating func extend(to count: Int) {
    guard positions < count else { return }
    let turns = Engine.sinesCosines((positions..<count).flatMap { place in frequencies.map { Double(place) * $0 } })
    table += magnitude == 1 ? turns : turns.map { ($0.sine * magnitude, $0.cosine * magnitude) }
    positions = count
  }
}
