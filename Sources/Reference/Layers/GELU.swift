import PlumbExact
import PlumbModel

extension Reference {
  /// The Gaussian error linear unit x·Φ(x) = x/2 · (1 + erf(x/√2)) of each element, in the shape of `x`.
  ///
  /// *Error bound*: encloses the true values; from an exact `x`, to about `precision` bits, or to an absolute 2^−192 where
  /// that is wider.
  package static func gelu(_ x: Activation<Ball>, precision: Int) -> Activation<Ball> {
    Activation(
      shape: x.shape,
      elements: concurrentMap(x.elements.count) { gelu(x.elements[$0], precision: precision) })
  }

  /// The Gaussian error linear unit of one ball.
  ///
  /// By the mean value theorem f(x) lies within radius · sup |f′| of f(midpoint). With φ the normal density, f′ = Φ + x·φ
  /// and f″ = (2 − x²)·φ: f′ runs from 0 down to f′(−√2) > −0.13, up to f′(√2) < 1.13, and down to 1.
  private static func gelu(_ x: Ball, precision: Int) -> Ball {
    let midpoint = x.midpoint
    if midpoint.isZero && x.isExact { return Ball(0) }
    // Where x < 0, 1 + erf is what is left when nearly all cancels.
    let cancelled = midpoint.signum() < 0 ? 192 + max(0, midpoint.floorLog2) : 0
    let working = precision + 8 + cancelled
    guard let half = try? Ball.reciprocalSquareRoot(Ball(2), precision: working) else {
      preconditionFailure("2 has a square root")
    }
    let erf = Ball.erf(Ball(midpoint) * half, precision: working)
    let value = Ball(midpoint / 2) * (Ball(1) + erf)
    return Ball(midpoint: value.midpoint, radius: value.radius + x.radius * "1.13").settled(precision)
  }
}
