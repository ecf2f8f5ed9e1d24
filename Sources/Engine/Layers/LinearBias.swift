import PlumbModel

extension Engine {
  /// The slope of each head in Float64, times the scale of the scores where that multiplies it; none without a linear bias.
  ///
  /// *Error bound*: relative `linearBiasRelativeError(_:head:)`, less the product's rounding.
  ///
  /// - Precondition: the exponents are `LinearBias.allowedExponents`, and there is one for each head.
  static func slopes(of layer: AttentionLayer) -> [Double] {
    guard let bias = layer.linearBias else { return [] }
    precondition(bias.exponents.count == layer.heads, "\(bias.exponents.count) slopes for \(layer.heads) heads")
    return bias.exponents.map { exponent in
      precondition(LinearBias.allowedExponents ~= exponent, "the exponent \(exponent) of a slope")
      let whole = exponent.rounded(.down)
      let power = whole == exponent ? 1 : exponential((whole - exponent) * logarithmOfTwo)
      let slope = Double(sign: .plus, exponent: -Int(whole), significand: power)
      return bias.isScaled ? slope / divisor(of: layer) : slope
    }
  }

  /// log 2, rounded to Float64.
  private static let logarithmOfTwo = 0x1.62e42fefa39efp-1

  /// A score with the number that its head's slope gives its distance.
  static func biased(_ score: Float, _ slope: Double, _ distance: Int) -> Float {
    Float(Double(score) - slope * Double(distance))
  }
}
