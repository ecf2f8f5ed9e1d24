import PlumbTolerance

/// The judgement of enclosures on what an engine gave: whether a bug explains it.
package enum EnclosedMargin {
  /// The greatest distance between a dump and what it should be, in bounds: at most 1 where each number lies within its
  /// bound of all that the exact one may be, above 1 where one lies farther from all of these; `nil` where neither is known.
  ///
  /// *Theorem.* `far`, rounded up, is at least the distance to each point of the enclosure, and `near`, rounded down, at most.
  /// The quotient of two Float64s of which the first is greater never rounds to 1: x ≥ y + ulp(y) gives x/y > 1 + 2⁻⁵³.
  ///
  /// - Parameter isClaimed: whether something is claimed of an element.
  package static func decided(
    _ dumped: [Float], _ enclosures: [Enclosed], where isClaimed: (Int) -> Bool
  ) -> Double? {
    var (within, beyond) = (0.0, 0.0)
    var isKnown = true
    for (index, enclosure) in enclosures.enumerated() where isClaimed(index) {
      switch distance(Double(dumped[index]), enclosure) {
      case .within(let margin): within = max(within, margin)
      case .beyond(let margin): beyond = max(beyond, margin)
      case .unknown: isKnown = false
      }
    }
    if beyond > 1 { return beyond }
    return isKnown ? within : nil
  }

  private enum Distance {
    case within(Double)
    case beyond(Double)
    case unknown
  }

  private static func distance(_ dumped: Double, _ enclosure: Enclosed) -> Distance {
    if let special = enclosure.special {
      return dumped == special || dumped.isNaN && special.isNaN ? .within(0) : .beyond(.infinity)
    }
    let value = enclosure.tracked
    guard value.isFinite else { return .unknown }
    guard dumped.isFinite else { return .beyond(.infinity) }
    let far = max(Outward.sumUp(dumped, -value.lower), Outward.sumUp(value.upper, -dumped))
    let near = max(Outward.sumDown(value.lower, -dumped), Outward.sumDown(dumped, -value.upper))
    // Rounded up, a quotient of at most 1 may come out above it.
    if far <= value.error { return .within(far == 0 ? 0 : min(1, Outward.quotientUp(far, value.error))) }
    if near > value.error { return .beyond(near / value.error) }
    return .unknown
  }
}
