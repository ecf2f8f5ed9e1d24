import PlumbExact
import PlumbModel

extension Reference {
  /// Turns each pair of each head by its position's angle, `[tokens, heads, headSize]`.
  ///
  /// The token in row 0 stands at `firstPosition`. Elements that are not turned pass unchanged.
  /// *Error bound*: encloses the true values; from an exact `x`, to about `precision` bits.
  /// - Throws: `EnclosureError` where theta, the factor of the positions or a number of the scaling is not positive and finite.
  package static func rotaryEmbedding(
    _ x: Activation<Ball>, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    try rotaryEmbedding(x, layer, firstPosition: firstPosition, turns: nil, precision: precision)
  }

  /// The same, with the positions' `turns` at this precision where somebody has them.
  package static func rotaryEmbedding(
    _ x: Activation<Ball>, _ layer: RotaryEmbeddingLayer, firstPosition: Int = 0, turns: Activation<Turn>?,
    precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    let positions = firstPosition..<firstPosition + x.shape[0]
    let turns = if let turns { turns } else { try rotaryTurns(layer, positions, precision: precision) }
    return rotated(x, layer, turns, precision: precision)
  }

  /// The cosine and the sine of an angle.
  package struct Turn: Sendable {
    package let cosine: Ball
    package let sine: Ball

    /// Both times `magnitude`, which is `nil` for 1.
    func scaled(by magnitude: Ball?, precision: Int) -> Turn {
      guard let magnitude else { return self }
      return Turn(cosine: (cosine * magnitude).settled(precision), sine: (sine * magnitude).settled(precision))
    }
  }

  /// The turn of each pair at each of `positions`, row by row: the same in all blocks.
  ///
  /// - Throws: as `rotaryEmbedding`.
  package static func rotaryTurns(
    _ layer: RotaryEmbeddingLayer, _ positions: Range<Int>, precision: Int
  ) throws(EnclosureError) -> Activation<Turn> {
    let angles = try rotaryAngles(layer, positions, precision: precision)
    let magnitude = try self.magnitude(layer.magnitude, precision: precision)
    let turns = concurrentMap(angles.elements.count) { index -> Turn in
      let angle = angles.elements[index]
      return Turn(cosine: Ball.cos(angle, precision: precision), sine: Ball.sin(angle, precision: precision))
        .scaled(by: magnitude, precision: precision)
    }
    return Activation(shape: angles.shape, elements: turns)
  }

  /// The angle of each pair at each of `positions`, row by row: for sines and cosines of `precision` bits.
  ///
  /// - Throws: as `rotaryEmbedding`.
  static func rotaryAngles(
    _ layer: RotaryEmbeddingLayer, _ positions: Range<Int>, precision: Int
  ) throws(EnclosureError) -> Activation<Ball> {
    guard layer.scalingFactor > 0, let factor = Rational(exactly: layer.scalingFactor) else {
      throw .argumentOutsideDomain(function: "rotaryEmbedding: factor \(layer.scalingFactor)")
    }
    let frequencies = try rotaryFrequencies(layer, precision: precision)
    let angles = positions.flatMap { position in
      frequencies.map { Ball(Rational(Integer(position)) / factor) * $0 }
    }
    return Activation(shape: [positions.count, frequencies.count], elements: angles)
  }

  /// Turns each pair of each head of `x` by what its token's row of `turns` says.
  static func rotated(
    _ x: Activation<Ball>, _ layer: RotaryEmbeddingLayer, _ turns: Activation<Turn>, precision: Int
  ) -> Activation<Ball> {
    let (tokens, heads, headSize) = (x.shape[0], x.shape[1], x.shape[2])
    let rows = concurrentMap(tokens) { token -> [Ball] in
      var row = Array(x.elements[token * heads * headSize..<(token + 1) * heads * headSize])
      for (index, turn) in turns.row(token).enumerated() {
        let (cosine, sine) = (turn.cosine, turn.sine)
        let pair = layer.pair(index)
        for start in stride(from: 0, to: heads * headSize, by: headSize) {
          let (a, b) = (row[start + pair.first], row[start + pair.second])
          row[start + pair.first] = (a * cosine - b * sine).settled(precision)
          row[start + pair.second] = (a * sine + b * cosine).settled(precision)
        }
      }
      return row
    }
    return Activation(shape: x.shape, elements: Array(rows.joined()))
  }

  /// The angle from one position to the next for each pair: theta^(−2i/rotatedSize) = exp(−(2i/rotatedSize)·log theta), scaled.
  private static func rotaryFrequencies(
    _ layer: RotaryEmbeddingLayer, precision: Int
  ) throws(EnclosureError) -> [Ball] {
    guard let theta = Rational(exactly: layer.theta) else {
      throw .argumentOutsideDomain(function: "rotaryEmbedding: theta \(layer.theta)")
    }
    // An angle of some thousands of radians has a dozen bits before its point.
    let working = precision + 32
    let logarithm = try Ball.log(Ball(theta), precision: working)
    var frequencies: [Ball] = []
    for index in 0..<layer.rotatedSize / 2 {
      let power = Rational(Integer(-2 * index), over: Integer(layer.rotatedSize))
      frequencies.append(try Ball.exp(logarithm * Ball(power), precision: working))
    }
    return try scaled(frequencies, layer.scaling, precision: working)
  }
}
