import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

/// Holds an engine's activation against its exact value from the tokens alone.
enum AccumulatedComparison {
  /// The fraction of an ulp that an enclosure's radius may take, as a power of two.
  ///
  /// Readings in ulps are then too great by at most 2⁻¹¹, except where an enclosure straddles a power of two, whose two
  /// sides have different ulps: there the smaller ulp counts.
  static let greatestRadiusInUlps = -12

  /// The drift of `engine` from `exact`.
  ///
  /// - Returns: `nil` when an enclosure is too wide to read a drift by: the pass must then run at a higher precision.
  static func compare(
    _ engine: Activation<Float>, with exact: Activation<Ball>, holdsValue: (@Sendable (Int) -> Bool)?
  ) -> AccumulatedDrift? {
    precondition(engine.shape == exact.shape, "the engine's shape differs from the reference's")
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
