import PlumbModel

/// (a, b) → (a·cos φ − b·sin φ, a·sin φ + b·cos φ), φ = position / factor · theta^(−2i / rotatedSize).
///
/// The exponent is a rounded quotient; the angle is rounded, and so are both functions, which may be kept in a table; the
/// products may be stored. An angle of thousands of radians is off by thousands of roundings. The frequencies
/// are powers, or multiplied up from pair to pair.
package struct RotaryEmbedding<Context: ArithmeticContext>: LayerFormula {
  package let context: Context
  package let x: Activation<Context.Number>
  package var theta: Scalar<Context>
  /// The divisor of positions; `nil` for none.
  package var factor: Scalar<Context>?
  package var pairing: RotaryEmbeddingLayer.Pairing
  /// The first element of a head that is turned, the number of those that are, and that which the exponents are over.
  private let firstRotated: Int
  package var rotatedSize: Int
  package var exponentSize: Int
  /// The change of the frequencies, and the factor of sines and cosines.
  package var scaling: FrequencyScaling
  package var magnitude: RotaryMagnitude
  /// The change of the share of a frequency that stays as it is, where a part is divided.
  package var share: @Sendable (Scalar<Context>) -> Scalar<Context> = { $0 }
  /// The position of a head of a token.
  package var position: @Sendable (_ token: Int, _ head: Int) -> Int
  /// The factor of i in the exponent.
  package var exponentFactor = -2
  /// The changes of each frequency and each angle.
  package var frequency: RowFunction<Context> = { $0 }
  package var angle: RowFunction<Context> = { $0 }
  package var sine: RowFunction<Context> = { $0.sine() }
  package var cosine: RowFunction<Context> = { $0.cosine() }
  /// Whether the second element is turned with the first one already replaced.
  package var isInPlace = false
  /// The pairs that are turned.
  package var pairs: Range<Int>
  package var round: RowFunction<Context> = { $0.result }

  package init(
    _ x: Activation<Context.Number>, _ layer: RotaryEmbeddingLayer, firstPosition: Int, in context: Context
  ) {
    self.context = context
    self.x = x
    theta = context.scalar(context.parameter(Double(layer.theta)))
    if layer.scalingFactor != 1 { factor = context.scalar(context.parameter(Double(layer.scalingFactor))) }
    pairing = layer.pairing
    firstRotated = layer.firstRotated
    rotatedSize = layer.rotatedSize
    exponentSize = layer.rotatedSize
    scaling = layer.scaling
    magnitude = layer.magnitude
    pairs = 0..<layer.rotatedSize / 2
    position = { token, _ in firstPosition + token }
  }

  package func forward() -> Activation<Context.Number> {
    let (heads, headSize) = (x.shape[1], x.shape[2])
    let layer = RotaryEmbeddingLayer(
      rotatedSize: rotatedSize, theta: 1, pairing: pairing, firstRotated: firstRotated)
    let powers = Row<Context>.oneOf(
      context, ([.power], { context.row(self.pairs.map { power(exponentFactor * $0) }) }),
      ([.multipliedUp], { multipliedUp }))
    let frequencies = frequency(
      context.row(zip(pairs, powers.numbers).map { scaled(context.scalar($1), pair: $0).number }))
    // Each position's turns once, as many heads share them.
    let positions = (0..<x.rows).map { position($0 / heads, $0 % heads) }
    var turns: [Int: (sine: Row<Context>, cosine: Row<Context>)] = [:]
    for place in positions where turns[place] == nil { turns[place] = turn(angle(angles(exact(place), frequencies))) }
    let sines = context.row(positions.compactMap { turns[$0]?.sine.numbers }.flattened)
    let cosines = context.row(positions.compactMap { turns[$0]?.cosine.numbers }.flattened)
    let pairs = pairs.map { layer.pair($0) }
    let places = (0..<x.rows).flatMap { row in pairs.map { (row * headSize + $0.first, row * headSize + $0.second) } }
    let a = context.row(context.gathered(x.elements, at: places.map(\.0)))
    let b = context.row(context.gathered(x.elements, at: places.map(\.1)))
    let first = (a * cosines).stored - (b * sines).stored
    let second = ((isInPlace ? first : a) * sines).stored + (b * cosines).stored
    var result = Row.tensor([context.row(x.elements).result], shape: x.shape)
    for (place, numbers) in zip(places, zip(round(first).numbers, round(second).numbers)) {
      (result.elements[place.0], result.elements[place.1]) = numbers
    }
    return result
  }

  /// theta^(numerator / exponentSize).
  private func power(_ numerator: Int) -> Context.Number {
    theta.power(exact(numerator).divided(by: exact(exponentSize))).number
  }

  /// The frequencies, each the product of the one before it and one factor.
  private var multipliedUp: Row<Context> {
    let factor = power(exponentFactor)
    var frequency = context.exact(1)
    var frequencies: [Context.Number] = []
    for pair in 0..<pairs.upperBound {
      if pairs.contains(pair) { frequencies.append(frequency) }
      frequency = context.product(frequency, factor)
    }
    return context.row(frequencies)
  }

  private func turn(_ angles: Row<Context>) -> (sine: Row<Context>, cosine: Row<Context>) {
    guard let multiplier = magnitude.multiplier(in: context) else {
      return (sine(angles).tabled, cosine(angles).tabled)
    }
    return ((sine(angles) * multiplier).tabled, (cosine(angles) * multiplier).tabled)
  }

  /// The frequency of a pair: mixed of itself and of itself divided, or divided by a number of its own.
  private func scaled(_ frequency: Scalar<Context>, pair: Int) -> Scalar<Context> {
    func mixed(_ factor: Float, _ share: Scalar<Context>) -> Scalar<Context> {
      let share = self.share(share)
      return share * frequency + (parameter(1) - share) * (frequency / parameter(Double(factor)))
    }
    switch scaling {
    case .none: return frequency
    case .divisors(let divisors): return frequency / parameter(Double(divisors[pair]))
    case .smooth(let factor, let low, let high, let context):
      let turns = parameter(Double(context)) * frequency / frequency.constant(.turn)
      let share = (turns - parameter(Double(low))).divided(by: parameter(Double(high)) - parameter(Double(low)))
      // Kept within [0, 1]: no more than 1, by what is lacking from 1 where something is.
      return mixed(factor, parameter(1) - (parameter(1) - share.rectified()).rectified())
    case .ramp(let factor, let first, let last):
      let (numerator, denominator) = FrequencyScaling.ramp(pair, from: first, to: last)
      return mixed(factor, exact(denominator - numerator).divided(by: exact(denominator)))
    case .turns(let factor, let fast, let slow, let context):
      let (fast, slow) = (parameter(Double(fast)), parameter(Double(slow)))
      let turns = parameter(Double(context)) * frequency / frequency.constant(.turn)
      let byTurns = (fast.logarithm() - turns.logarithm()).divided(by: fast.logarithm() - slow.logarithm())
      // The same from the numbers of the pairs that turn so often.
      func place(_ turns: Scalar<Context>) -> Scalar<Context> {
        let most = parameter(Double(context)).divided(by: frequency.constant(.turn) * turns)
        return (exact(exponentSize) * most.logarithm()).divided(by: exact(2) * theta.logarithm())
      }
      let byPlaces = (exact(pair) - place(fast)).divided(by: place(slow) - place(fast))
      let share = byTurns.or(byPlaces)
      return mixed(factor, parameter(1) - share.rectified().kept(upTo: 1))
    }
  }

  /// position / factor · frequency, with the division before or after the product, or of the frequency.
  private func angles(_ position: Scalar<Context>, _ frequency: Row<Context>) -> Row<Context> {
    guard let factor else { return position * frequency }
    return (position / factor * frequency).or(position * frequency / factor).or(position * (frequency / factor))
  }
}
