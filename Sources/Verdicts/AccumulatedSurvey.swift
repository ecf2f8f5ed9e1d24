import PlumbExact

/// The elements that the numbers of an accumulated drift may be read from, by Float64s that enclose the balls.
struct AccumulatedSurvey {
  /// The greatest radius, rounded up.
  private(set) var radius = 0.0
  private var ulps = GreatestRecord()
  private var absolute = GreatestRecord()
  private var magnitude = GreatestRecord()

  /// Takes in the radius of an element that holds no value.
  mutating func addRadius(_ exact: Ball) { radius = max(radius, exact.radius.doubleRoundedUp) }

  /// Takes in the element at `index`.
  ///
  /// - Returns: false where Float64s do not tell enough of it, or its enclosure may be too wide to read a drift by.
  mutating func add(_ index: Int, _ engine: Float, _ exact: Ball) -> Bool {
    guard engine.isFinite, let near = Near(exact) else { return false }
    let size = near.magnitude
    let own = exact.radius.doubleRoundedUp
    let spacing = 2 * NearBound.halfSpacing(at: min(size.lower, 0x1p128))
    guard own <= spacing * Double(sign: .plus, exponent: AccumulatedComparison.greatestRadiusInUlps, significand: 1)
    else { return false }
    radius = max(radius, own)
    let distance = near.distance(from: engine)
    ulps.add(
      index, distance.lower * LocalSurvey.inverseSpacing(at: size.upper),
      distance.upper * LocalSurvey.inverseSpacing(at: size.lower))
    absolute.add(index, distance.lower, distance.upper)
    magnitude.add(index, size.lower, size.upper)
    return true
  }

  /// Takes in what another survey of other elements has.
  mutating func add(_ other: AccumulatedSurvey) {
    radius = max(radius, other.radius)
    ulps.add(other.ulps)
    absolute.add(other.absolute)
    magnitude.add(other.magnitude)
  }

  /// The elements of which one has the greatest distance, in ulps or not, or the greatest magnitude.
  var places: Set<Int> { Set(ulps.places + absolute.places + magnitude.places) }
}
