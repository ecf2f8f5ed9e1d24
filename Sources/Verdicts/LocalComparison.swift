import PlumbBounds
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

/// Holds an engine's activation against what it must be.
package enum LocalComparison {
  /// One element, decided or not.
  package struct Element: Sendable {
    var drift: ElementDrift
    var bound: Double
    var margin: Double
    /// `nil` while the enclosure straddles the bound.
    var verdict: Verdict?
  }

  /// The fewest elements that are surveyed: a survey fills tables of its own, which fewer are not worth.
  package static var leastSurveyed: Int { 1024 }

  /// The drift of `engine` from `expectation`.
  ///
  /// - Returns: `nil` when the enclosure of some element straddles its bound: the expectation must then be computed
  ///   again at a higher precision. Such an element is *undecided* where there is none, because this `isLast`.
  static func compare(
    _ engine: Activation<Float>, with expectation: Expectation, isLast: Bool = false
  ) -> LocalDrift? {
    precondition(engine.shape == expectation.exact.shape, "the engine's shape differs from the reference's")
    if engine.elements.count >= leastSurveyed, let surveyed = survey(engine, with: expectation) {
      if case .drift(let drift) = surveyed { return drift }
      if !isLast { return nil }
    }
    return comparePlainly(engine, with: expectation, isLast: isLast)
  }

  /// The same, all of it in rational numbers.
  static func comparePlainly(
    _ engine: Activation<Float>, with expectation: Expectation, isLast: Bool = false
  ) -> LocalDrift? {
    let valued = engine.elements.indices.filter { expectation.holdsValue?($0) ?? true }
    let elements = concurrentMap(valued.count) { position in
      let index = valued[position]
      return judge(
        engine.elements[index], expectation.exact.elements[index], expectation.bounds[index],
        or: expectation.specials[index] ?? [], isLast: isLast)
    }
    guard elements.allSatisfy({ $0.verdict != nil }) else { return nil }
    // An element of which nothing is claimed has a distance, but no margin.
    let claimed = elements.indices.filter { elements[$0].verdict?.isClaimed ?? false }
    let undecided = elements.count { $0.verdict == .undecided }
    let worst = claimed.max { elements[$0].margin < elements[$1].margin }
    let ulps = elements.map(\.drift.ulps).sorted()
    return LocalDrift(
      worstUlps: ulps.last ?? 0,
      medianUlps: ulps.isEmpty ? 0 : ulps[ulps.count / 2],
      worstAbsolute: elements.map(\.drift.absolute).max() ?? 0,
      relative: ElementDrift.relative(elements.lazy.map(\.drift)),
      bound: worst.map { elements[$0].bound } ?? (elements.isEmpty ? 0 : .infinity),
      margin: worst.map { elements[$0].margin } ?? 0,
      verdict: elements.reduce(.within) { $0.joined($1.verdict ?? .outside) },
      outsideDomain: elements.count - claimed.count - undecided, undecided: undecided,
      worst: worst.map { named(valued[$0], of: engine, expectation.exact.elements[valued[$0]]) },
      ulps: HistogramBin.ulps(ulps), margins: HistogramBin.margins(claimed.lazy.map { elements[$0].margin }))
  }

  /// One element against its exact value and its bound; *undecided* where that is so at the precision that `isLast`.
  ///
  /// *Theorem.* Every point of the ball is at least `distance.lower` and at most `distance.upper` away. So *within* holds
  /// where the upper is at most the bound, *outside* where the lower is above it; the margin is the upper ÷ bound rounded
  /// up, at most 1 for *within* and above 1 for *outside*. One of `specials` is within, with a margin of 1.
  package static func judge(
    _ engine: Float, _ exact: Ball, _ bound: Rational?, or specials: Tracked.Specials = [], isLast: Bool = false
  ) -> Element {
    let distance = ElementDrift.distance(from: engine, to: exact)
    let drift = distance.map { ElementDrift(distance: $0.upper, exact: exact) } ?? .infinite(of: exact)
    guard let bound else { return Element(drift: drift, bound: .infinity, margin: 0, verdict: .outsideDomain) }
    guard let distance else {
      let isAllowed = specials.includes(engine)
      return Element(
        drift: drift, bound: bound.doubleRoundedUp, margin: isAllowed ? 1 : .infinity,
        verdict: isAllowed ? .within : .outside)
    }
    var verdict: Verdict? = isLast ? .undecided : nil
    if distance.upper <= bound { verdict = .within }
    if distance.lower > bound { verdict = .outside }
    let margin: Double =
      if distance.upper.isZero { 0 } else if bound.isZero { .infinity } else {
        distance.upper.quotientRoundedUp(by: bound)
      }
    return Element(
      drift: drift, bound: bound.doubleRoundedUp, margin: verdict == .undecided ? 0 : margin, verdict: verdict)
  }

  /// The element `index` of `engine` as a report names it.
  static func named(_ index: Int, of engine: Activation<Float>, _ exact: Ball) -> WorstElement {
    WorstElement(
      index: coordinates(of: index, in: engine.shape), engine: engine.elements[index].hexadecimal,
      lower: exact.lower.doubleRoundedDown.hexadecimal, upper: exact.upper.doubleRoundedUp.hexadecimal)
  }

  /// The index along each axis of the element `index` of a tensor of `shape`.
  package static func coordinates(of index: Int, in shape: [Int]) -> [Int] {
    var rest = index
    var result: [Int] = []
    for extent in shape.reversed() {
      result.append(rest % extent)
      rest /= extent
    }
    return result.reversed()
  }
}
