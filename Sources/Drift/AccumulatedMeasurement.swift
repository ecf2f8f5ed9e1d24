import PlumbExact
import PlumbModel
import PlumbReference

/// The exact pass from the tokens alone, at a precision that makes every ball far narrower than what it measures.
struct AccumulatedMeasurement {
  /// What the exact pass says.
  struct Result {
    /// The accumulated drift of every activation that there is.
    var drifts: [ActivationName: AccumulatedDrift] = [:]
    /// The exact next-token distribution.
    var probabilities: [Ball] = []
    /// The maps of attention, where some are wanted.
    var attention: [AttentionMap]?
    /// The working precision that sufficed, in bits.
    var precision: Int
  }

  /// A ball of the pass is too wide to read a drift by.
  private struct TooWide: Error {}

  let transformer: Transformer
  let tokens: [Int]
  var heads: AttentionHeads?
  /// What is held against the pass; `nil` for what there is nothing of.
  let engine: @Sendable (ActivationName) -> Activation<Float>?

  /// The greatest working precision that is tried, in bits.
  static let greatestPrecision = 1 << 14

  /// Runs the exact pass, at a doubled precision for as long as a ball comes out too wide.
  func measure(progress: @Sendable (String) -> Void) throws(DriftError) -> Result {
    // Balls widen by some twenty bits a block in plain ball arithmetic, so this start usually suffices; where it does
    // not, the first ball that is too wide stops the pass.
    var precision = 128 + 24 * transformer.blocks.count
    var widest = ActivationName(.embedding)
    while true {
      do {
        var result = Result(precision: precision)
        var attention = heads.map { AttentionGathering($0, engine) }
        try Reference.TensorPass(transformer, precision: precision).run(tokens) { name, exact in
          progress("exact pass at \(precision) bits: \(name)")
          widest = name
          if let step = transformer.plan[name] { attention?.observe(step, exact) }
          if name == ActivationName(.probabilities) { result.probabilities = exact.elements }
          guard let engine = engine(name) else { return }
          let holdsValue = Checks.holdsValue(transformer.plan[name], shape: engine.shape)
          guard let drift = AccumulatedComparison.compare(engine, with: exact, holdsValue: holdsValue) else {
            throw TooWide()
          }
          result.drifts[name] = drift
        }
        result.attention = attention?.maps
        return result
      } catch is TooWide, is EnclosureError {
        guard precision < Self.greatestPrecision else {
          throw .undecided(activation: widest.description, precision: precision)
        }
        precision = min(2 * precision, Self.greatestPrecision)
      } catch {
        throw .interrupted
      }
    }
  }
}
