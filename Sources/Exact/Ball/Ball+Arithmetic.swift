extension Ball {
  /// The numbers x + y.
  package static func + (left: Ball, right: Ball) -> Ball {
    Ball(midpoint: left.midpoint + right.midpoint, radius: left.radius + right.radius)
  }

  /// The numbers x − y.
  package static func - (left: Ball, right: Ball) -> Ball {
    Ball(midpoint: left.midpoint - right.midpoint, radius: left.radius + right.radius)
  }

  /// A ball around the product of the midpoints that contains every x·y.
  ///
  /// *Error bound*: with x = a + ε, y = b + δ, |ε| ≤ r, |δ| ≤ s: |xy − ab| = |aδ + εb + εδ| ≤ |a|s + r(|b| + s), and both
  /// sides are equal for suitable signs.
  package static func * (left: Ball, right: Ball) -> Ball {
    let midpoint = left.midpoint * right.midpoint
    if left.isExact && right.isExact { return Ball(midpoint) }
    let radius =
      left.midpoint.magnitude * right.radius + left.radius * (right.midpoint.magnitude + right.radius)
    return Ball(midpoint: midpoint, radius: radius)
  }

  /// The numbers −x.
  package static prefix func - (value: Ball) -> Ball {
    Ball(midpoint: -value.midpoint, radius: value.radius)
  }

  /// A ball around the quotient of the midpoints that contains every x ÷ y.
  ///
  /// Throws `divisorContainsZero` where some y is 0.
  ///
  /// *Error bound*: with x = a + ε, y = b + δ, |ε| ≤ r, |δ| ≤ s < |b|: x/y − a/b = (εb − aδ) ÷ (by), so its magnitude is
  /// at most (r|b| + |a|s) ÷ (|b|(|b| − s)); the radius is that, rounded up to 32 bits.
  package func divided(by divisor: Ball) throws(EnclosureError) -> Ball {
    guard divisor.midpoint.magnitude > divisor.radius else { throw .divisorContainsZero }
    let midpoint = midpoint / divisor.midpoint
    return Ball(midpoint: midpoint, radius: quotientRadius(divisor))
  }

  /// A ball that contains every x ÷ y, with a dyadic midpoint of about `precision` bits: what `divided(by:)` then
  /// `rounded(to:)` would give, without the long denominators in between.
  ///
  /// Throws `divisorContainsZero` where some y is 0.
  /// - Precondition: `precision` is at least 1.
  package func divided(by divisor: Ball, precision: Int) throws(EnclosureError) -> Ball {
    guard divisor.midpoint.magnitude > divisor.radius else { throw .divisorContainsZero }
    let quotient = midpoint.quotient(dividingBy: divisor.midpoint, bits: precision)
    return Ball(
      midpoint: quotient.value,
      radius: (quotientRadius(divisor) + quotient.error).rounded(toBits: Ball.radiusBits, .up))
  }

  /// An upper bound on |x/y − a/b|; the divisor is known not to contain 0.
  private func quotientRadius(_ divisor: Ball) -> Rational {
    if isExact && divisor.isExact { return .zero }
    let size = divisor.midpoint.magnitude
    let numerator = radius * size + midpoint.magnitude * divisor.radius
    let (value, error) = numerator.quotient(
      dividingBy: size * (size - divisor.radius), bits: Ball.radiusBits)
    return (value + error).rounded(toBits: Ball.radiusBits, .up)
  }

  /// The quotient; see `divided(by:)`.
  package static func / (left: Ball, right: Ball) throws(EnclosureError) -> Ball {
    try left.divided(by: right)
  }

  /// A ball that contains xⁿ for every x, and nothing more than the smallest interval that does.
  ///
  /// *Edge cases*: `power(0)` is 1, also of 0.
  /// - Precondition: `exponent` is not negative.
  package func power(_ exponent: Int) -> Ball {
    precondition(exponent >= 0, "Ball: a negative power; divide 1 by the positive one")
    if isExact || exponent == 0 { return Ball(midpoint.power(exponent)) }
    let (low, high) = (lower.power(exponent), upper.power(exponent))
    // Odd powers rise everywhere. Even ones fall up to 0 and rise from there.
    if !exponent.isMultiple(of: 2) { return Ball(lower: low, upper: high) }
    let isAroundZero = midpoint.magnitude < radius
    return Ball(lower: isAroundZero ? .zero : Swift.min(low, high), upper: Swift.max(low, high))
  }

  /// The numbers |x|.
  package var magnitude: Ball {
    if midpoint.magnitude >= radius { return midpoint.signum() < 0 ? -self : self }
    return Ball(lower: .zero, upper: midpoint.magnitude + radius)
  }

  /// The numbers min(x, y).
  package static func min(_ left: Ball, _ right: Ball) -> Ball {
    Ball(lower: Swift.min(left.lower, right.lower), upper: Swift.min(left.upper, right.upper))
  }

  /// The numbers max(x, y).
  package static func max(_ left: Ball, _ right: Ball) -> Ball {
    Ball(lower: Swift.max(left.lower, right.lower), upper: Swift.max(left.upper, right.upper))
  }

  /// The numbers x·2ᶜᵒᵘⁿᵗ, exactly.
  package func scaled(byPowerOfTwo count: Int) -> Ball {
    Ball(midpoint: midpoint.scaled(byPowerOfTwo: count), radius: radius.scaled(byPowerOfTwo: count))
  }
}
