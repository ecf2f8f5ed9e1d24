/// The ends of a ball, rounded outward to Float64: what `lower.doubleRoundedDown` and `upper.doubleRoundedUp` give.
///
/// Most radii are far below the last bit of a Float64, and then the midpoint's own rounding has passed the end: the sum of both
/// need not be made.
extension Ball {
  /// The greatest Double that is at most the least number in the ball.
  package var lowerRoundedDown: Double {
    isExact || midpoint.takesIn(radius, toward: .minus) ? midpoint.doubleRoundedDown : lower.doubleRoundedDown
  }

  /// The least Double that is at least the greatest number in the ball.
  package var upperRoundedUp: Double {
    isExact || midpoint.takesIn(radius, toward: .plus) ? midpoint.doubleRoundedUp : upper.doubleRoundedUp
  }
}
