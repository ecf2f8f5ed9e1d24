import PlumbModel
import PlumbTolerance

extension Modelled {
  /// The rows of the weight that the tokens choose: a copy.
  package static func embedding(
    _ tokens: [Int], weight: Activation<Tracked>, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    model.stored(
      Activation(shape: [tokens.count, weight.columns], elements: tokens.flatMap { Array(weight.row($0)) }))
  }

  /// x + the position's row.
  package static func learnedPosition(
    _ x: Activation<Tracked>, weight: Activation<Tracked>, firstPosition: Int, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let rows = Activation(
      shape: x.shape, elements: (0..<x.rows).flatMap { Array(weight.row(firstPosition + $0)) })
    return residualAdd(x, rows, model)
  }

  /// a·cos φ − b·sin φ and a·sin φ + b·cos φ, with φ = position / scalingFactor · theta^(−2i/rotatedSize): the exponent is a rounded
  /// quotient, the power e^(−exponent · log theta) or its reciprocal's, or a power function within as many ulps; the angle
  /// is rounded, and so are both functions, which may be kept in a table; two products, which may be stored, and their sum.
  ///
  /// An angle of thousands of radians is off by thousands of roundings, and the bound says so. A frequency that is
  /// multiplied up from pair to pair has other errors.
  package static func rotaryEmbedding(
    _ x: Activation<Tracked>, _ layer: RotaryEmbeddingLayer, firstPosition: Int, _ model: ArithmeticModel
  ) -> Activation<Tracked> {
    let (tokens, heads, headSize) = (x.shape[0], x.shape[1], x.shape[2])
    let frequencies = (0..<layer.rotatedSize / 2).map { frequency($0, layer, model) }
    var result = x
    for token in 0..<tokens {
      for (index, frequency) in frequencies.enumerated() {
        let angle = angle(Double(firstPosition + token), frequency, layer, model)
        let computed = model.sineAndCosine(angle)
        let (sine, cosine) = (model.tabled(computed.sine), model.tabled(computed.cosine))
        let pair = layer.pair(index)
        for start in stride(from: token * heads * headSize, to: (token + 1) * heads * headSize, by: headSize) {
          let (a, b) = (x.elements[start + pair.first], x.elements[start + pair.second])
          func product(_ x: Tracked, _ y: Tracked) -> Tracked { model.stored(model.product(x, y)) }
          result.elements[start + pair.first] = model.difference(product(a, cosine), product(b, sine))
          result.elements[start + pair.second] = model.sum(product(a, sine), product(b, cosine))
        }
      }
    }
    return model.stored(result)
  }

  /// position / scalingFactor · frequency: the division, or a product with the reciprocal, before or after the product.
  private static func angle(
    _ position: Double, _ frequency: Tracked, _ layer: RotaryEmbeddingLayer, _ model: ArithmeticModel
  ) -> Tracked {
    let position = Tracked(position)
    if layer.scalingFactor == 1 { return model.product(position, frequency) }
    let factor = model.parameter(Double(layer.scalingFactor))
    return model.product(model.quotientOrReciprocal(position, factor), frequency)
      .orAs(model.quotientOrReciprocal(model.product(position, frequency), factor))
      .orAs(model.product(position, model.quotientOrReciprocal(frequency, factor)))
  }

  /// theta^(−2i/rotatedSize); 1 for pair 0.
  private static func frequency(_ index: Int, _ layer: RotaryEmbeddingLayer, _ model: ArithmeticModel) -> Tracked {
    if index == 0 { return Tracked(1) }
    let exponent = model.quotient(Tracked(Double(2 * index)), Tracked(Double(layer.rotatedSize)))
    let power = model.product(exponent, model.logarithm(model.parameter(Double(layer.theta))))
    return model.exponential(-power).orAs(model.quotient(Tracked(1), model.exponential(power)))
  }
}
