package import PlumbModel

/// (a, b) → (a·cos φ − b·sin φ, a·sin φ + b·cos φ), φ = position / factor · theta^(−2i / rotatedSize).
///
/// The exponent is a rounded quotient; the angle is rounded, and so are both functions, which may be kept in a table; the
/// products may be stored. An angle of thousands of radians is off by thousands of roundings. A frequency that is multiplied
/// up from pair to pair has other errors.
package struct RotaryEmbedding<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var theta: Scalar<Context>
  /// The divisor of positions; `nil` for none.
  package var factor: Scalar<Context>?
  package var pairing: RotaryEmbeddingLayer.Pairing
  /// The number of leading elements of a head that are turned, and that which the exponents are over.
  package var rotatedSize: Int
  package var exponentSize: Int
  /// The position of a head of a token.
  package var position: @Sendable (_ token: Int, _ head: Int) -> Int
  /// The factor of i in the exponent.
  package var exponentFactor = -2
  /// What becomes of each frequency and each angle.
  package var frequency: ScalarFunction<Context> = { $0 }
  package var angle: ScalarFunction<Context> = { $0 }
  package var sine: ScalarFunction<Context> = { $0.sine() }
  package var cosine: ScalarFunction<Context> = { $0.cosine() }
  /// Whether the second element is turned with the first one already replaced.
  package var isInPlace = false
  /// The pairs that are turned.
  package var pairs: Range<Int>
  package var round: ScalarFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, _ layer: RotaryEmbeddingLayer, firstPosition: Int, in context: Context
  ) {
    self.context = context
    self.x = x
    theta = context.scalar(context.parameter(Double(layer.theta)))
    if layer.scalingFactor != 1 { factor = context.scalar(context.parameter(Double(layer.scalingFactor))) }
    pairing = layer.pairing
    rotatedSize = layer.rotatedSize
    exponentSize = layer.rotatedSize
    pairs = 0..<layer.rotatedSize / 2
    position = { token, _ in firstPosition + token }
  }

  package func forward() -> Activation<Context.Number> {
    let (heads, headSize) = (x.shape[1], x.shape[2])
    let layer = RotaryEmbeddingLayer(rotatedSize: rotatedSize, theta: 1, pairing: pairing)
    let frequencies = pairs.map { frequency(theta.power(exact(exponentFactor * $0).divided(by: exact(exponentSize)))) }
    // Each position's turns once, as many heads share them.
    var turns: [Int: [(sine: Scalar<Context>, cosine: Scalar<Context>)]] = [:]
    var result = x.map { context.result($0) }
    for row in 0..<x.rows {
      let place = position(row / heads, row % heads)
      let turn =
        turns[place]
        ?? frequencies.map { frequency in
          let angle = angle(angle(exact(place), frequency))
          return (sine(angle).tabled, cosine(angle).tabled)
        }
      turns[place] = turn
      for (pair, (sine, cosine)) in zip(pairs, turn) {
        let (first, second) = layer.pair(pair)
        let (a, b) = (
          context.scalar(x.elements[row * headSize + first]), context.scalar(x.elements[row * headSize + second])
        )
        let turned = (a * cosine).stored - (b * sine).stored
        result.elements[row * headSize + first] = round(turned).number
        result.elements[row * headSize + second] =
          round(((isInPlace ? turned : a) * sine).stored + (b * cosine).stored).number
      }
    }
    return result
  }

  /// position / factor · frequency, with the division before or after the product, or of the frequency.
  private func angle(_ position: Scalar<Context>, _ frequency: Scalar<Context>) -> Scalar<Context> {
    guard let factor else { return position * frequency }
    return (position / factor * frequency).or(position * frequency / factor).or(position * (frequency / factor))
  }
}
