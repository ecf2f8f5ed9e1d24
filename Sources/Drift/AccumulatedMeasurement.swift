import PlumbBounds
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbVerdicts

/// The exact pass from the tokens alone, at a precision that makes every ball far narrower than what it measures.
package struct AccumulatedMeasurement {
  /// The result of the exact pass.
  package struct Result {
    /// The accumulated drift of every activation that there is.
    package var drifts: [ActivationName: AccumulatedDrift] = [:]
    /// The same of the other engine.
    package var others: [ActivationName: AccumulatedDrift] = [:]
    /// The exact next-token distribution.
    package var probabilities: [Ball] = []
    /// The maps of attention, where some are wanted.
    package var attention: [AttentionMap]?
    /// The working precision that sufficed, in bits.
    package var precision: Int
  }

  /// A ball of the pass is too wide to read a drift by.
  private struct TooWide: Error {}

  let transformer: Transformer
  let tokens: [Int]
  var heads: AttentionHeads?
  /// The activations that are held against the pass; `nil` where there is none.
  let engine: @Sendable (ActivationName) -> Activation<Float>?
  /// The activations of another engine that are held against the same pass; `nil` where there is none.
  package var other: @Sendable (ActivationName) -> Activation<Float>? = { _ in nil }

  /// Makes a measurement over `tokens` of what `engine` has of the pass, with the maps of `heads` where some are wanted.
  package init(
    transformer: Transformer, tokens: [Int], heads: AttentionHeads?,
    engine: @escaping @Sendable (ActivationName) -> Activation<Float>?
  ) {
    self.transformer = transformer
    self.tokens = tokens
    self.heads = heads
    self.engine = engine
  }

  /// The greatest working precision that is tried, in bits.
  static let greatestPrecision = 1 << 14

  /// Runs the exact pass, at a doubled precision for as long as a ball comes out too wide.
  ///
  /// - Throws: `DriftError.undecided` where the greatest precision does not suffice either, `DriftError.interrupted`.
  package func measure(progress: @Sendable (String) -> Void) throws(DriftError) -> Result {
    // Balls widen by some twenty bits a block in plain ball arithmetic, so this start usually suffices; where it does
    // not, the first ball that is too wide stops the pass.
    let first = min(128 + 24 * transformer.blocks.count, Self.greatestPrecision)
    var last: ActivationName?
    do {
      return try PrecisionLoop.decideOrFail(from: first, upTo: Self.greatestPrecision) { precision, _ in
        do {
          return try attempt(precision) { name in
            progress("exact pass at \(precision) bits: \(name)")
            last = name
          }
        } catch is TooWide {
          return nil
        }
      }
    } catch let error as PrecisionExhausted {
      // An activation of which there is no enclosure at all is the one after the last that there was.
      let names = transformer.plan.steps.map(\.name)
      let place = last.flatMap { names.firstIndex(of: $0) }.map { error.reason == nil ? $0 : $0 + 1 } ?? 0
      throw .undecided(activation: names[min(place, names.count - 1)].description, precision: error.precision)
    } catch {
      throw .interrupted
    }
  }

  private func attempt(_ precision: Int, willMeasure: (ActivationName) -> Void) throws -> Result {
    var result = Result(precision: precision)
    var attention = heads.map { AttentionGathering($0, engine) }
    try Reference.TensorPass(transformer, precision: precision).run(tokens) { name, exact in
      willMeasure(name)
      if let step = transformer.plan[name] { attention?.observe(step, exact) }
      if name == ActivationName(.probabilities) { result.probabilities = exact.elements }
      result.drifts[name] = try engine(name).map { try drift(of: $0, name, from: exact) }
      result.others[name] = try other(name).map { try drift(of: $0, name, from: exact) }
    }
    result.attention = attention?.maps
    return result
  }

  private func drift(
    of activation: Activation<Float>, _ name: ActivationName, from exact: Activation<Ball>
  ) throws -> AccumulatedDrift {
    let holdsValue = Checks.holdsValue(transformer.plan[name], shape: activation.shape)
    guard let drift = AccumulatedComparison.compare(activation, with: exact, holdsValue: holdsValue) else {
      throw TooWide()
    }
    return drift
  }
}
