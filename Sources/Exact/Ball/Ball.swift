/// A closed interval midpoint ± radius that contains the number it stands for.
///
/// Containment is the whole contract: whatever points of the argument balls one takes, the exact result of an operation
/// on them lies in the ball the operation returns. +, − and × are computed without any rounding, so that balls of radius
/// 0 calculate exactly; `rounded(to:)` keeps them short.
///
/// Source: the midpoint-radius arithmetic of van der Hoeven, "Ball arithmetic" (2009), section 3.
package struct Ball: Sendable, Hashable {
  /// The centre.
  package let midpoint: Rational
  /// The greatest distance from the midpoint; never negative.
  package let radius: Rational

  /// The bits that a radius is rounded up to: it need be no more precise than its own size.
  static let radiusBits = 32

  /// The ball that holds `point` alone.
  package init(_ point: Rational) {
    midpoint = point
    radius = .zero
  }

  /// midpoint ± radius.
  ///
  /// - Precondition: `radius` is not negative.
  package init(midpoint: Rational, radius: Rational) {
    precondition(radius.signum() >= 0, "Ball: a negative radius")
    self.midpoint = midpoint
    self.radius = radius
  }

  /// The interval from `lower` to `upper`, exactly.
  ///
  /// - Precondition: `lower` ≤ `upper`.
  package init(lower: Rational, upper: Rational) {
    precondition(lower <= upper, "Ball: the bounds are in the wrong order")
    midpoint = (lower + upper).scaled(byPowerOfTwo: -1)
    radius = (upper - lower).scaled(byPowerOfTwo: -1)
  }

  /// The ball that holds the integer 0 alone.
  package static let zero = Ball(Rational.zero)
  /// The ball that holds the integer 1 alone.
  package static let one = Ball(Rational.one)

  /// The least number in the ball.
  package var lower: Rational { isExact ? midpoint : midpoint - radius }
  /// The greatest number in the ball.
  package var upper: Rational { isExact ? midpoint : midpoint + radius }
  /// Whether the ball holds a single number.
  package var isExact: Bool { radius.isZero }

  /// Whether `point` lies in the ball.
  package func contains(_ point: Rational) -> Bool {
    (point - midpoint).magnitude <= radius
  }

  /// Whether every number of `other` lies in this ball.
  package func contains(_ other: Ball) -> Bool {
    (other.midpoint - midpoint).magnitude + other.radius <= radius
  }

  /// Whether some number lies in both balls; touching at one end counts.
  package func overlaps(_ other: Ball) -> Bool {
    (other.midpoint - midpoint).magnitude <= radius + other.radius
  }

  /// −1 or 1 where every number of the ball has that sign, 0 for the exact ball 0, and nil where it is not decided.
  package func signum() -> Int? {
    midpoint.magnitude > radius ? midpoint.signum() : midpoint.isZero && isExact ? 0 : nil
  }

  /// The ball of the numbers that lie in both, or nil where there are none.
  package func intersection(_ other: Ball) -> Ball? {
    let lower = Swift.max(lower, other.lower)
    let upper = Swift.min(upper, other.upper)
    return lower <= upper ? Ball(lower: lower, upper: upper) : nil
  }

  /// The smallest ball that contains both.
  package func union(_ other: Ball) -> Ball {
    Ball(lower: Swift.min(lower, other.lower), upper: Swift.max(upper, other.upper))
  }
}
