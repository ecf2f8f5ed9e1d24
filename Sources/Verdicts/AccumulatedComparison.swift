import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

/// Holds an engine's activation against its exact value from the tokens alone.
package enum AccumulatedComparison {
  /// The fraction of an ulp that an enclosure's radius may take, as a power of two.
  ///
  /// Readings in ulps are then too great by at most 2⁻¹¹, except where an enclosure straddles a power of two, whose two
  /// sides have different ulps: there the smaller ulp counts.
  static let greatestRadiusInUlps = -12

  /// The drift of `engine` from `exact`.
  ///
  /// - Returns: `nil` when an enclosure is too wide to read a drift by: the pass must then run at a higher precision.
  package static func compare(
    _ engine: Activation<Float>, with exact: Activation<Ball>, holdsValue: (@Sendable (Int) -> Bool)?
  ) -> AccumulatedDrift? {
    precondition(engine.shape == exact.shape, "the engine's shape differs from the reference's")
    return survey(engine, with: exact, holdsValue: holdsValue)
      ?? comparePlainly(engine, with: exact, holdsValue: holdsValue)
  }

  /// The same, from Float64s that enclose the balls: rational numbers are looked at where an element may be the one that a
  /// number of the drift is read from.
  ///
  /// - Returns: `nil` where it takes rational numbers for all, or an enclosure is too wide.
  static func survey(
    _ engine: Activation<Float>, with exact: Activation<Ball>, holdsValue: (@Sendable (Int) -> Bool)?
  ) -> AccumulatedDrift? {
    let count = engine.elements.count
    let size = 4096
    let parts = concurrentMap((count + size - 1) / size) { part -> AccumulatedSurvey? in
      var survey = AccumulatedSurvey()
      for index in part * size..<min((part + 1) * size, count) {
        if !(holdsValue?(index) ?? true) {
          survey.addRadius(exact.elements[index])
        } else if !survey.add(index, engine.elements[index], exact.elements[index]) {
          return nil
        }
      }
      return survey
    }
    var all = AccumulatedSurvey()
    for part in parts {
      guard let part else { return nil }
      all.add(part)
    }
    let drifts = all.places.compactMap { place -> ElementDrift? in
      let ball = exact.elements[place]
      return ElementDrift.distance(from: engine.elements[place], to: ball).map {
        ElementDrift(distance: $0.upper, exact: ball)
      }
    }
    return AccumulatedDrift(
      worstUlps: drifts.map(\.ulps).max() ?? 0, worstAbsolute: drifts.map(\.absolute).max() ?? 0,
      relative: ElementDrift.relative(drifts), radius: all.radius)
  }

  /// The same as `compare`, all of it in rational numbers.
  static func comparePlainly(
    _ engine: Activation<Float>, with exact: Activation<Ball>, holdsValue: (@Sendable (Int) -> Bool)?
  ) -> AccumulatedDrift? {
    let drifts = concurrentMap(engine.elements.count) { index -> ElementDrift? in
      guard holdsValue?(index) ?? true else { return .zero }
      let ball = exact.elements[index]
      let greatest = FloatFormat.float32.spacingExponent(at: ball.leastMagnitude) + greatestRadiusInUlps
      guard ball.isExact || ball.radius.floorLog2 < greatest || ball.radius == .powerOfTwo(greatest) else { return nil }
      guard let distance = ElementDrift.distance(from: engine.elements[index], to: ball) else {
        return .infinite(of: ball)
      }
      return ElementDrift(distance: distance.upper, exact: ball)
    }
    var (ulps, absolute) = (0.0, 0.0)
    for drift in drifts {
      guard let drift else { return nil }
      ulps = max(ulps, drift.ulps)
      absolute = max(absolute, drift.absolute)
    }
    let radius = exact.elements.lazy.map(\.radius).max() ?? 0
    return AccumulatedDrift(
      worstUlps: ulps, worstAbsolute: absolute, relative: ElementDrift.relative(drifts.lazy.compactMap { $0 }),
      radius: radius.doubleRoundedUp)
  }
}
