/// A real number within `error` of `value` + `rest`.
struct Near: Sendable {
  /// The number, rounded.
  let value: Double
  /// The rest that `value` lacks, at most half a unit of its last place.
  let rest: Double
  /// The distance that the number may have from the sum of the two; 0 where it is that sum.
  let error: Double

  init(_ value: Double, _ rest: Double = 0, error: Double) {
    self.value = value
    self.rest = rest
    self.error = error
  }

  /// The number that `value` is.
  init(exactly value: Double) { self.init(value, error: 0) }

  /// The exact sum of two Float64s.
  init(sumOf a: Double, _ b: Double) {
    let (sum, rest) = ErrorFree.sum(a, b)
    self.init(sum, rest, error: 0)
  }

  // Computed, so that no access waits for an initialisation.
  private static var less: Double { 1 - 0x1p-51 }
  private static var more: Double { 1 + 0x1p-51 }

  var negated: Near { Near(-value, -rest, error: error) }

  /// Whether the number is a Float32, overflow aside; where `error` is 0, that is certain either way.
  var isFloat: Bool { error == 0 && rest == 0 && Double(Float(value)) == value }

  /// Bounds of the number's magnitude.
  ///
  /// A sum that is rounded to nearest and then moved to the next Float64 has passed the exact sum.
  @inline(__always)
  package var magnitude: (lower: Double, upper: Double) {
    if rest == 0 {
      if error == 0 { return (value.magnitude, value.magnitude) }
      // A sum is rounded by at most half of what the factor takes away or adds.
      return (max(0, (value.magnitude - error) * Self.less), (value.magnitude + error) * Self.more)
    }
    let outward = value < 0 ? -rest : rest
    let least = value.magnitude + (outward - error).nextDown
    let greatest = value.magnitude + (outward + error).nextUp
    return (max(0, least.nextDown), greatest.magnitude.nextUp)
  }

  /// Bounds of the number.
  ///
  /// A sum that is rounded to nearest and then moved to the next Float64 has passed the exact sum.
  var ends: (lower: Double, upper: Double) {
    if rest == 0 && error == 0 { return (value, value) }
    return ((value + (rest - error).nextDown).nextDown, (value + (rest + error).nextUp).nextUp)
  }

  /// Whether the number's magnitude exceeds `limit`.
  ///
  /// - Precondition: `error` is 0.
  func exceeds(_ limit: Double) -> Bool {
    value.magnitude > limit || value.magnitude == limit && (value < 0 ? -rest : rest) > 0
  }

  /// Bounds of the distance from the Float32 `engine` to the number.
  ///
  /// Both differences keep what they lose, so that a distance without error has bounds that are equal.
  ///
  /// - Precondition: `engine` is finite.
  @inline(__always)
  package func distance(from engine: Float) -> (lower: Double, upper: Double) {
    if rest == 0 && error > 0 {
      // The difference is rounded by at most 2⁻⁵³ of it, and each sum by as much of itself.
      let centre = (Double(engine) - value).magnitude
      let slack = (error + centre * 0x1p-52) * Self.more
      return (max(0, (centre - slack) * Self.less), (centre + slack) * Self.more)
    }
    return distanceOfSum(from: engine)
  }

  /// The same of any number.
  private func distanceOfSum(from engine: Float) -> (lower: Double, upper: Double) {
    let (first, lostFirst) = ErrorFree.sum(Double(engine), -value)
    let (inner, lostInner) = ErrorFree.sum(lostFirst, -rest)
    let (distance, lostOuter) = ErrorFree.sum(first, inner)
    let centre = distance.magnitude
    if error == 0 && lostInner == 0 {
      // The distance is the exact sum of two Float64s, of which the second moves it outward, inward or not at all.
      let outward = distance < 0 ? -lostOuter : lostOuter
      return (outward < 0 ? centre.nextDown : centre, outward > 0 ? centre.nextUp : centre)
    }
    let slack = ((error + lostInner.magnitude).nextUp + lostOuter.magnitude).nextUp
    return (max(0, (centre - slack).nextDown), (centre + slack).nextUp)
  }
}
