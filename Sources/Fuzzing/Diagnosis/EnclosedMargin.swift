import PlumbTolerance

/// What enclosures say of a dump: whether a bug explains it.
enum EnclosedMargin {
  /// The greatest distance between the dump and what it should be, in bounds: at most 1 where each number lies within its
  /// bound of all that the exact one may be, above 1 where one lies farther from all of these; `nil` where neither is known.
  ///
  /// - Parameter isClaimed: whether something is claimed of an element.
  static func decided(
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
    if value.isOutside { return .unknown }
    guard dumped.isFinite else { return .beyond(.infinity) }
    let far = max(Outward.sumUp(dumped, -value.lower), Outward.sumUp(value.upper, -dumped))
    let near = max(Outward.sumDown(value.lower, -dumped), Outward.sumDown(dumped, -value.upper))
    if far <= value.error { return .within(far == 0 ? 0 : Outward.quotientUp(far, value.error)) }
    if near > value.error { return .beyond(near / value.error) }
    return .unknown
  }
}
