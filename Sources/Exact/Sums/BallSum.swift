/// An enclosure of a sum of balls and of products of two: the exact sum of the midpoints, and of the radii.
package struct BallSum: ~Copyable {
  private var midpoint = ExactSum()
  private var radius = ExactSum()

  /// The sum of no terms.
  package init() {}

  /// Adds `term`.
  package mutating func add(_ term: Ball) {
    midpoint.add(term.midpoint)
    radius.add(term.radius)
  }

  /// Adds a·b; the error bound is that of `Ball`'s product.
  package mutating func addProduct(_ a: Ball, _ b: Ball) {
    midpoint.addProduct(a.midpoint, b.midpoint)
    if !b.isExact { radius.addProduct(a.midpoint.magnitude, b.radius) }
    if !a.isExact { radius.addProduct(a.radius, b.midpoint.magnitude + b.radius) }
  }

  /// The sum so far.
  package var value: Ball {
    Ball(midpoint: midpoint.value, radius: radius.value)
  }
}
