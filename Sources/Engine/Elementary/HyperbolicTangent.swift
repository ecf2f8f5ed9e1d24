extension Engine {
  /// tanh x in Float64.
  ///
  /// *Edge cases*: ±1 for the infinities; NaN for NaN.
  ///
  /// *Error bound*: relative `EngineAccuracy.tanh64`, by the following proof; u = 2⁻⁵³, z = |x|.
  /// 1. z ≤ ½: tanh z = z/(1 + z²/(3 + z²/(5 + …))), Lambert's continued fraction, all of whose terms are positive. Cut
  ///    after 17 it is off by less than the distance to the next convergent, z¹⁹/(17!!·19!!) at most, which relative to
  ///    tanh z > 0.92 z is below 2⁻⁷². z² rounds once and each step twice, and a step passes on at most a twelfth of the
  ///    error before it: the denominator is off by less than 3 u, the quotient by 4 u.
  /// 2. z > ½: tanh z = (1 − e)/(1 + e), e = e^(−2z) < 0.3679, whose 8 u are a relative 2e/(1 − e²)·8 u < 6.9 u of the
  ///    result; the difference, the sum and the quotient round once each: 9.9 u. For z > 354, e = 0 and tanh z > 1 − 2⁻¹⁰²⁰.
  static func hyperbolicTangent(_ x: Double) -> Double { hyperbolicTangents([x])[0] }

  /// tanh of every element, as `hyperbolicTangent`.
  static func hyperbolicTangents(_ x: [Double]) -> [Double] {
    let powers = exponentials(x.map { -2 * $0.magnitude })
    return zip(x, powers).map { x, power in
      guard x.magnitude <= 0.5 else {
        let value = (1 - power) / (1 + power)
        return x < 0 ? -value : value
      }
      let square = x * x
      var fraction = 17.0
      for odd in stride(from: 15.0, to: 0, by: -2) { fraction = odd + square / fraction }
      return x / fraction
    }
  }

  /// cap · tanh(x / cap) of every element, each rounded to Float32 once.
  ///
  /// *Edge cases*: a zero keeps its sign; ±cap for the infinities.
  ///
  /// *Error bound*: before the rounding relative `softCapRelativeError`. Where the quotient is subnormal in Float64, which
  /// no quotient of two Float32s is, there would be more.
  static func softCapped(_ x: [Float], _ cap: Float) -> [Float] {
    let cap = Double(cap)
    return hyperbolicTangents(x.map { Double($0) / cap }).map { Float(cap * $0) }
  }
}
