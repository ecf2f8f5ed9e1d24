// Roundings that are replayed.
extension ArithmeticModel {
  /// Whether roundings between steps are replayed: a rounding of a number that is known far better than the format's spacing has one
  /// known result, but near a tie.
  package var replaysSteps: Bool {
    replaysSums || steps == .stored && (storage != accumulation || tables != accumulation || activations != nil)
  }

  /// The word by which roundings are replayed.
  package var replayWord: String { replaysSums ? "replayed" : "steps=stored" }

  /// `value`, certainly rounded to nearest to `format`: the exact number from here on is the rounded one.
  ///
  /// *Error bound*: rounding to nearest is monotone, so that what is computed lies between the results of the two ends of what
  /// may be computed before, a tie rounded down at the lower and up at the upper. Where these are one number, it is without
  /// error; otherwise one between them is taken as the exact number, and the error reaches both.
  /// *Edge cases*: what may lie beyond the greatest number, or be flushed, has an ordinary rounding's error.
  func replayed(_ value: Tracked, in format: FloatFormat) -> Tracked {
    if format == accumulation { return value }
    guard value.isReal, value.isFinite else { return rounded(value, to: format) }
    let (lower, upper) = value.computed
    let mayFlush = flushesToZero && value.reach > 0 && value.leastReach < accumulation.leastNormal
    let least = neighbour(of: lower, in: format, isUpper: false)
    let greatest = neighbour(of: upper, in: format, isUpper: true)
    guard !mayFlush, max(-least, greatest) <= format.greatest else { return rounded(value, to: format) }
    let middle = neighbour(of: lower + (upper - lower) / 2, in: format, isUpper: false)
    let error = max(Outward.sumUp(greatest, -middle), Outward.sumUp(middle, -least))
    return Tracked(lower: middle, upper: middle, error: error)
  }

  /// The number of `format` that `value` is rounded to, down or up at a tie; either neighbour of it for a faithful rounding.
  func neighbour(of value: Double, in format: FloatFormat, isUpper: Bool) -> Double {
    let spacing = format.spacing(atMagnitude: value.magnitude)
    if isFaithful { return (value / spacing).rounded(isUpper ? .up : .down) * spacing }
    // Exact, as the quotient by a power of two has no more bits before the point than the format.
    let quotient = value / spacing
    let floor = quotient.rounded(.down)
    let rest = quotient - floor
    return (rest > 0.5 || isUpper && rest == 0.5 ? floor + 1 : floor) * spacing
  }
}
