// The two odd functions that rise from −1 to 1.
extension Outward {
  /// The relative distance by which the enclosures below reach beyond what they approximate.
  private static let slack = 0x1p-42

  /// An enclosure of tanh x, of a relative width below 2⁻⁴⁰.
  ///
  /// tanh t = m/(m + 2) with m = e^(2t) − 1. Up to t = ¼ Taylor's polynomial of degree 14 for m, all of whose terms are positive,
  /// rounds by less than 2⁻⁴⁷ of m, and what it lacks is below (½)¹⁴/15!; an error of m, relatively, is no greater one of the
  /// quotient. Above, m is known as e^(2t) is, to 2⁻⁴³ of e^(2t) ≤ 2.6·m: 2⁻⁴² of the quotient at m = 0.65, as that changes by
  /// 2/(m + 2) of it.
  static func hyperbolicTangent(_ x: Double) -> (lower: Double, upper: Double) {
    odd(x) { t in
      if t > 300 { return (1 - 0x1p-53, 1) }
      if t <= 0.25 {
        let y = 2 * t
        var sum = 1.0
        for degree in stride(from: 14.0, through: 2, by: -1) { sum = 1 + sum * y / degree }
        let value = y * sum / (y * sum + 2)
        return (value * (1 - slack), value * (1 + slack))
      }
      let (lower, upper) = exponential(2 * t)
      return (
        sumDown(1, -quotientUp(2, sumDown(lower, 1))), sumUp(1, -quotientDown(2, sumUp(upper, 1)))
      )
    }
  }

  /// An enclosure of erf x, of a relative width below 2⁻⁴⁰.
  ///
  /// erf t = 2/√π·t·e^(−t²)·Σₙ (2t²)ⁿ/(1·3·…·(2n + 1)), all of whose terms are positive (Abramowitz and Stegun, 7.1.6). Up to t = 6 it
  /// has 160 terms at most until one is below 2⁻⁶⁰ of the sum and each that follows below half of the one before; these round by
  /// less than 2⁻⁴³ together, the square's rounding included; the exponential has its own enclosure. Above, 1 − e^(−t²) ≤ erf t ≤ 1.
  static func errorFunction(_ x: Double) -> (lower: Double, upper: Double) {
    odd(x) { t in
      if t > 6 { return (1 - 0x1p-51, 1) }
      let square = t * t
      var (term, sum, divisor) = (1.0, 1.0, 1.0)
      while term > sum * 0x1p-60 || 4 * square > divisor {
        divisor += 2
        term *= 2 * square / divisor
        sum += term
      }
      let (lower, upper) = (
        exponential(-productUp(t, t)).lower, exponential(-productDown(t, t)).upper
      )
      let rest = 1.1283791670955126 * t * sum
      return (rest * lower * (1 - slack), rest * upper * (1 + slack))
    }
  }

  /// An odd function that grows no faster than 1.13·x and never beyond 1, from its enclosures for numbers above 2⁻⁹⁰⁰.
  private static func odd(
    _ x: Double, _ positive: (Double) -> (lower: Double, upper: Double)
  ) -> (lower: Double, upper: Double) {
    let t = x.magnitude
    var (lower, upper) = t < 0x1p-900 ? (0, 2 * t) : positive(t)
    (lower, upper) = (max(0, lower), min(1, upper))
    return x < 0 ? (-upper, -lower) : (lower, upper)
  }
}
