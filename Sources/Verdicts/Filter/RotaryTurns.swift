import PlumbExact
import PlumbModel
import PlumbReference

/// The cosines and sines of a rotary embedding's angles: as the exact path has them, and each within 2⁻⁵³ of `reach`.
struct RotaryTurns: Sendable {
  /// `[positions, pairs]`, at the exact path's first precision.
  let exact: Activation<Reference.Turn>
  /// `[positions, pairs]`.
  let turns: [Turn]
  /// A power of two, 1 or above, that no cosine and no sine exceeds.
  let reach: Double
  var pairs: Int { exact.columns }

  /// The turn of one pair at one position.
  struct Turn: Sendable {
    let cosine: Double
    let sine: Double
    /// Whether the exact path has both as single numbers, which are these.
    let isExact: Bool
    /// Whether it turns nothing, and multiplies a Float32 to a number that Float64 holds.
    var isNothing: Bool { isExact && sine == 0 && Double(Float(cosine)) == cosine }

    /// The turn to within 2⁻⁵³ of `reach`; `nil` where it is not known so well.
    init?(_ turn: Reference.Turn) {
      cosine = turn.cosine.midpoint.rounded(to: Double.self, .toNearestOrEven)
      sine = turn.sine.midpoint.rounded(to: Double.self, .toNearestOrEven)
      // A magnitude of at most `reach` is rounded by at most 2⁻⁵⁴ of it, and the enclosures are narrower.
      guard turn.cosine.radius.doubleRoundedUp <= 0x1p-60, turn.sine.radius.doubleRoundedUp <= 0x1p-60 else {
        return nil
      }
      isExact =
        turn.cosine.isExact && turn.sine.isExact && cosine.rational == turn.cosine.midpoint
        && sine.rational == turn.sine.midpoint
    }
  }

  /// The turns at positions 0 ..< `positions`; `nil` where the reference has none.
  init?(_ layer: RotaryEmbeddingLayer, positions: Int, headSize: Int) {
    guard positions > 0, headSize > 0, layer.rotated.upperBound <= headSize,
      let exact = try? Reference.tabledRotaryTurns(layer, 0..<positions, precision: LocalMeasurement.firstPrecision)
    else { return nil }
    self.exact = exact
    let turns = exact.elements.compactMap { Turn($0) }
    guard turns.count == exact.elements.count else { return nil }
    self.turns = turns
    let greatest = turns.reduce(1) { max($0, $1.cosine.magnitude, $1.sine.magnitude) }
    reach = greatest == 1 ? 1 : 2 * greatest.binade
  }
}
