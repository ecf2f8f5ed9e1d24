import PlumbExact
import PlumbModel

extension Reference {
  /// The sigmoid linear unit x / (1 + e^(−x)) of each element, in the shape of `x`.
  ///
  /// *Error bound*: encloses the true values; from an exact `x`, to about `precision` bits.
  package static func silu(_ x: Activation<Ball>, precision: Int) -> Activation<Ball> {
    Activation(
      shape: x.shape,
      elements: concurrentMap(x.elements.count) { silu(x.elements[$0], precision: precision) })
  }

  /// The sigmoid linear unit of one ball.
  ///
  /// By the mean value theorem f(x) lies within radius · sup |f′| of f(midpoint), where with σ = sigmoid
  /// f(x) = x·σ(x) and f′(x) = σ(x)·(1 + x·(1 − σ(x))). The product x·σ(x) of balls would count x twice.
  private static func silu(_ x: Ball, precision: Int) -> Ball {
    let midpoint = Ball(x.midpoint)
    let value = midpoint * Ball.sigmoid(midpoint, precision: x.meaningfulBits(precision))
    guard !x.isExact else { return value.settled(precision) }
    let coarse = x.rounded(to: 64)
    let sigmoid = Ball.sigmoid(coarse, precision: 64)
    let slope = sigmoid * (Ball(1) + coarse * (Ball(1) - sigmoid))
    let steepest = max(slope.upper.magnitude, slope.lower.magnitude)
    return Ball(midpoint: value.midpoint, radius: value.radius + x.radius * steepest).settled(precision)
  }
}
