public import PlumbExact

/// A number of a computation in some arithmetic, of which only two things are known: an enclosure of the exact result,
/// and a bound on how far the computed one may be from it.
///
/// lower ≤ exact ≤ upper and |computed − exact| ≤ error: nothing else is said of the computed number, so that whatever
/// computes a step more accurately than its arithmetic asks is within too. The bounds are Doubles that are rounded
/// outward; only magnitudes matter in a bound, the exact value of a verdict is the reference's.
///
/// *Edge cases*: where an intermediate may overflow or is not defined, the error is infinite and the number is *outside
/// the domain*; so is all that is computed from it.
public struct Tracked: Sendable, Hashable {
  /// A lower bound of the exact result.
  public let lower: Double
  /// An upper bound of the exact result.
  public let upper: Double
  /// An upper bound of |computed − exact|; infinite outside the domain.
  public let error: Double

  /// An exact number that is computed without error.
  ///
  /// *Edge cases*: outside the domain where it is not finite.
  public init(_ value: Double) { self.init(lower: value, upper: value, error: 0) }

  /// A number whose exact value lies between `lower` and `upper`, and the computed one within `error` of it.
  ///
  /// *Edge cases*: outside the domain where one of them is not finite.
  public init(lower: Double, upper: Double, error: Double) {
    let isKnown = lower.isFinite && upper.isFinite && error.isFinite
    self.lower = isKnown ? lower : -.infinity
    self.upper = isKnown ? upper : .infinity
    self.error = isKnown ? error : .infinity
  }

  /// Nothing is known of it.
  public static let outside = Tracked(lower: -.infinity, upper: .infinity, error: .infinity)

  /// Whether nothing is known of it.
  public var isOutside: Bool { error == .infinity }

  /// Whether the exact result is one known number, and the computed one it.
  public var isExact: Bool { error == 0 && lower == upper }

  /// The bound of |computed − exact|; `nil` outside the domain.
  public var bound: Rational? { Rational(exactly: error) }

  /// The enclosure of the exact result; `nil` outside the domain.
  package var ball: Ball? {
    guard let lower = Rational(exactly: lower), let upper = Rational(exactly: upper) else { return nil }
    return Ball(lower: lower, upper: upper)
  }

  /// An upper bound of |exact|.
  package var magnitude: Double { max(lower.magnitude, upper.magnitude) }

  /// A lower bound of |exact|.
  var leastMagnitude: Double { lower > 0 ? lower : upper < 0 ? -upper : 0 }

  /// An upper bound of |computed|.
  var reach: Double { Outward.sumUp(magnitude, error) }

  /// A lower bound of |computed|.
  var leastReach: Double { max(0, Outward.sumDown(leastMagnitude, -error)) }

  /// Upper and lower bounds of the computed number.
  package var computed: (lower: Double, upper: Double) {
    (Outward.sumDown(lower, -error), Outward.sumUp(upper, error))
  }

  /// The number with its sign changed, which no arithmetic rounds.
  public static prefix func - (value: Tracked) -> Tracked {
    Tracked(lower: -value.upper, upper: -value.lower, error: value.error)
  }

  /// The greater of the number and 0, which no arithmetic rounds; no two numbers come farther apart.
  public var rectified: Tracked {
    if isOutside { return self }
    // What is computed at or below 0 gives the 0 that is exact.
    if computed.upper <= 0 && upper <= 0 { return Tracked(0) }
    return Tracked(lower: max(lower, 0), upper: max(upper, 0), error: error)
  }

  /// This number with the greater error of the two, for one of two ways to compute it.
  package func orAs(_ other: Tracked) -> Tracked {
    if isOutside || other.isOutside { return .outside }
    return Tracked(lower: max(lower, other.lower), upper: min(upper, other.upper), error: max(error, other.error))
  }

  /// This number, with `more` added to its error.
  package func widened(by more: Double) -> Tracked {
    Tracked(lower: lower, upper: upper, error: Outward.sumUp(error, more))
  }
}
