import PlumbExact
import PlumbModel

extension Reference {
  /// The tanh form of the Gaussian error linear unit x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))) of each element, in the
  /// shape of `x`; 0.044715 is the decimal number.
  ///
  /// *Error bound*: encloses the true values; from an exact `x`, to about `precision` bits where |x| < 2^8, and to an
  /// absolute 2^−1000 below.
  package static func geluTanh(_ x: Activation<Ball>, precision: Int) throws(EnclosureError) -> Activation<Ball> {
    let factor = try Ball.squareRoot(
      Ball(8).divided(by: Ball.pi(precision: precision + 48), precision: precision + 48), precision: precision + 40)
    return Activation(
      shape: x.shape,
      elements: concurrentMap(x.elements.count) { geluTanh(x.elements[$0], factor, precision: precision) })
  }

  /// The unit of one ball, given √(8/π).
  ///
  /// (1 + tanh z)/2 = σ(2z) with σ = sigmoid, so f(x) = x·σ(w), w = √(8/π)·(x + c·x³). As for the sigmoid linear unit, f(x)
  /// lies within radius · sup |f′| of f(midpoint), where f′ = σ(w)·(1 + x·w′·(1 − σ(w))), w′ = √(8/π)·(1 + 3c·x²).
  private static func geluTanh(_ x: Ball, _ factor: Ball, precision: Int) -> Ball {
    func argument(_ x: Ball, _ cubic: Rational) -> Ball { factor * (Ball(1) + Ball(cubic) * x.power(2)) }
    let midpoint = Ball(x.midpoint)
    let value = midpoint * Ball.sigmoid(midpoint * argument(midpoint, "0.044715"), precision: precision)
    guard !x.isExact else { return value.settled(precision) }
    let coarse = x.rounded(to: 64)
    let sigmoid = Ball.sigmoid(coarse * argument(coarse, "0.044715"), precision: 64)
    let slope = sigmoid * (Ball(1) + coarse * argument(coarse, "0.134145") * (Ball(1) - sigmoid))
    let steepest = max(slope.upper.magnitude, slope.lower.magnitude)
    return Ball(midpoint: value.midpoint, radius: value.radius + x.radius * steepest).settled(precision)
  }
}
