/// The sources of the drift of the logits: parts that add up to the whole, exactly.
///
/// Between the exact logits and the engine's stand logits computed exactly from something of the engine's. Each part is
/// the difference of two neighbours, so that the sum of the parts is the difference of the ends. All of these logits are
/// put on one grid, the multiples of 2⁻⁹⁶, so that the numbers are short and the sum holds digit for digit.
package struct Attribution: Sendable, Codable {
  /// One logit whose drift is told apart.
  package struct Logit: Sendable, Codable {
    /// The reason for its choice: the engine's first choice, or the logit that drifts most.
    package let choice: String
    /// The token.
    package let token: Int
    /// The token's text; bytes that are not UTF-8 are replaced.
    package let text: String
    /// The engine's logit less the exact one on the grid: a hex float with as many digits as it takes.
    package let drift: String
  }

  /// One part of the drift.
  package struct Part: Sendable, Codable {
    /// The source that added it: a place in the pass, or a cause.
    package let name: String
    /// The kind of layer; `nil` for places.
    package let layer: String?
    /// The part of each of the `logits`: hex floats, which add up to their `drift` over all parts.
    package let values: [String]
    /// The greatest part of any logit, rounded up.
    package let greatest: Double
  }

  /// The logits that are told apart.
  package let logits: [Logit]
  /// By place: the embedding, each block, what follows them.
  package let places: [Part]
  /// By cause: the weights' conversion, elementary functions, sums of products, single roundings, and what is left over.
  package let totals: [Part]
  /// By cause, and within it by kind of layer: the parts of `totals`, in the same order.
  package let causes: [Part]
  /// The greatest distance of a value from the part that it stands for, rounded up.
  package let error: Double
}

/// A cause of the difference between a layer's output and the exact one on the same inputs.
enum DriftCause: String, CaseIterable {
  /// The part that is left over: no cause, but that the others are rounded.
  static let rest = "rest, of rounding to Float64 here"

  case weights = "weights turned into Float32"
  case elementary = "elementary functions"
  case sums = "sums of products"
  case roundings = "single roundings"
}
