import PlumbExact

/// A number of a computation in some arithmetic: an enclosure of the exact result, a bound on how far a finite computed one
/// may be from it, and the computed numbers that are not finite.
///
/// lower ≤ exact ≤ upper, and the computed number is one of `specials` or lies within `error` of the exact one: a union of
/// sets, whose finite part holds the exact result itself, so that whatever computes a step more accurately than its
/// arithmetic asks is within too. The bounds are Doubles that are rounded outward; only magnitudes matter in a bound, the
/// exact value of a verdict is the reference's.
///
/// *Edge cases*: an exact result that is infinite, or may be beyond 2¹⁰⁰⁰, has no finite part. An exact result that is not
/// defined, or of which a kernel may give anything, has an infinite error and is *outside the domain*; so is all that is
/// computed from it.
package struct Tracked: Sendable, Hashable {
  /// A lower bound of the exact result.
  package let lower: Double
  /// An upper bound of the exact result.
  package let upper: Double
  /// An upper bound of |computed − exact| where the computed number is finite; infinite outside the domain.
  package let error: Double
  /// The numbers that are not finite and may be computed.
  package let specials: Specials

  /// An exact number that is computed without error.
  ///
  /// *Edge cases*: an infinity is computed as that; NaN is outside the domain.
  package init(_ value: Double) {
    self.init(
      lower: value, upper: value, error: 0,
      specials: value == .infinity ? .plusInfinity : value == -.infinity ? .minusInfinity : [])
  }

  /// A number whose exact value lies between `lower` and `upper`, and a finite computed one within `error` of it.
  ///
  /// *Edge cases*: outside the domain where an end or the error is NaN, where the error is infinite, and where an end is
  /// beyond 2¹⁰⁰⁰ but no computed number is infinite.
  package init(lower: Double, upper: Double, error: Double, specials: Specials = []) {
    let isReal = lower.magnitude <= Self.greatestReal && upper.magnitude <= Self.greatestReal
    let isKnown = error <= Self.greatestReal && (isReal || lower <= upper && !specials.isEmpty)
    self.lower = isKnown ? lower : -.infinity
    self.upper = isKnown ? upper : .infinity
    self.error = isKnown ? error : .infinity
    self.specials = isKnown ? specials : .all
  }

  /// Nothing is known of it.
  package static let outside = Tracked(lower: -.infinity, upper: .infinity, error: .infinity)

  /// Whether nothing is known of it.
  package var isOutside: Bool { error == .infinity }

  /// Whether the computed number is certainly finite.
  package var isFinite: Bool { specials.isEmpty }

  /// Whether both ends are known, so that the computed number may be finite.
  package var isReal: Bool { lower.magnitude <= Self.greatestReal && upper.magnitude <= Self.greatestReal }

  /// The greatest magnitude of a known end: beyond all formats, and small enough that sums of some stay in range.
  static var greatestReal: Double { 0x1p1000 }

  /// This number where the computed one is certainly finite; otherwise outside the domain.
  package var certain: Tracked { isFinite ? self : .outside }

  /// Whether the exact result is one known number, and the computed one it.
  package var isExact: Bool { error == 0 && lower == upper && isFinite }

  /// The bound of |computed − exact| for a finite computed number; `nil` outside the domain, 0 where none is finite.
  package var bound: Rational? { Rational(exactly: error) }

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
  package var reach: Double { Outward.sumUp(magnitude, error) }

  /// A lower bound of |computed|.
  var leastReach: Double { max(0, Outward.sumDown(leastMagnitude, -error)) }

  /// Upper and lower bounds of the computed number.
  package var computed: (lower: Double, upper: Double) {
    (Outward.sumDown(lower, -error), Outward.sumUp(upper, error))
  }

  /// The number with its sign changed, which no arithmetic rounds.
  package static prefix func - (value: Tracked) -> Tracked {
    Tracked(lower: -value.upper, upper: -value.lower, error: value.error, specials: value.specials.negated)
  }

  /// The greater of the number and 0, which no arithmetic rounds; no two numbers come farther apart.
  ///
  /// *Edge cases*: of NaN it may be NaN or 0.
  package var rectified: Tracked {
    if isOutside { return self }
    // A number computed at or below 0 gives the 0 that is exact.
    let value =
      isReal && computed.upper <= 0 && upper <= 0
      ? Tracked(0)
      : Tracked(
        lower: max(lower, 0), upper: max(upper, 0), error: error, specials: specials.intersection(.plusInfinity))
    if isFinite { return value }
    let isZero = specials.contains(.minusInfinity) || specials.contains(.nan)
    return (isZero ? value.or(0, 0) : value).joined(specials.subtracting(.minusInfinity))
  }

  /// This number with the greater error of the two, for one of two ways to compute it.
  package func orAs(_ other: Tracked) -> Tracked {
    if isOutside || other.isOutside { return .outside }
    return Tracked(
      lower: max(lower, other.lower), upper: min(upper, other.upper), error: max(error, other.error),
      specials: specials.union(other.specials))
  }

  /// This number, or one of `more` computed in its place.
  package func joined(_ more: Specials) -> Tracked {
    more.isSubset(of: specials)
      ? self : Tracked(lower: lower, upper: upper, error: error, specials: specials.union(more))
  }

  /// This number, or all that `other`, whose exact number may be another, is computed as.
  package func or(_ other: Tracked) -> Tracked {
    if isOutside || other.isOutside { return .outside }
    return or(other.computed.lower, other.computed.upper).joined(other.specials)
  }

  /// This number, or one between `least` and `greatest` computed in its place.
  package func or(_ least: Double, _ greatest: Double) -> Tracked {
    guard isReal else { return .outside }
    let strayed = max(Outward.sumUp(upper, -least), Outward.sumUp(greatest, -lower))
    return Tracked(lower: lower, upper: upper, error: max(error, strayed), specials: specials)
  }

  /// This number, with `more` added to its error.
  package func widened(by more: Double) -> Tracked {
    Tracked(lower: lower, upper: upper, error: isReal ? Outward.sumUp(error, more) : error, specials: specials)
  }
}
