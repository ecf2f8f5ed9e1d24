import PlumbTolerance

/// A number of a layer in the arithmetic of a dump: an enclosure of the exact one and a bound of its error, or a value that
/// is not finite.
package struct Enclosed: Sendable {
  /// The bounds of the number where it is finite; none where it is not.
  package let tracked: Tracked
  /// An infinity or NaN, where both the exact and the computed number are that.
  package let special: Double?
  /// Whether the exact number is finite and above 2^(E + 1), where E is the greatest exponent of the arithmetic, and the
  /// computed one too, or infinite.
  let isHuge: Bool

  package init(_ tracked: Tracked) { self.init(tracked, special: nil, isHuge: false) }

  package init(special: Double) { self.init(.outside, special: special, isHuge: false) }

  private init(_ tracked: Tracked, special: Double?, isHuge: Bool) {
    self.tracked = tracked
    self.special = special
    self.isHuge = isHuge
  }

  /// The number `value`, exactly.
  static func known(_ value: Double) -> Enclosed {
    // Adding 0 makes +0 of −0.
    value.isFinite ? Enclosed(Tracked(value + 0)) : Enclosed(special: value)
  }

  /// A score that a mask excludes.
  package static let hidden = Enclosed(special: -.infinity)

  /// Nothing is known of it.
  static let outside = Enclosed(Tracked.outside)

  /// A number above all that the arithmetic has.
  static let huge = Enclosed(.outside, special: nil, isHuge: true)

  /// Whether something is known of the number that both sides have.
  package var isKnown: Bool { special != nil || tracked.isFinite }

  func isExactly(_ value: Double) -> Bool { tracked.isExact && tracked.upper == value }

  static prefix func - (x: Enclosed) -> Enclosed { x.special.map { .known(-$0) } ?? Enclosed(-x.tracked) }

  /// `operation` of two numbers of which one is not finite, which then depends on the other's sign at most; `nil` where
  /// both are finite.
  static func special(
    _ a: Enclosed, _ b: Enclosed, _ operation: (Double, Double) -> Double
  ) -> Enclosed? {
    guard a.special != nil || b.special != nil else { return nil }
    guard !(a.special == nil && a.tracked.isOutside), !(b.special == nil && b.tracked.isOutside) else { return outside }
    let results = a.samples.flatMap { a in b.samples.map { operation(a, $0) } }
    let isOne = results.allSatisfy { $0 == results[0] } || results.allSatisfy(\.isNaN)
    return isOne ? known(results[0]) : outside
  }

  /// The signs that the number may have, each with some number of that sign.
  private var samples: [Double] {
    if let special { return [special] }
    if tracked.isExact { return [tracked.upper] }
    let (lower, upper) = tracked.computed
    let ends = [min(lower, tracked.lower), max(upper, tracked.upper)]
    return ends[0] <= 0 && ends[1] >= 0 ? ends + [0] : ends
  }
}
