import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import PlumbVerdicts

/// Takes the drift of the logits apart, by exact passes that go on from the engine's own numbers.
struct AttributionMeasurement {
  let model: LoadedModel
  let trace: EngineTrace
  /// The working precision of the exact pass, in bits.
  let precision: Int

  /// Logits on the grid, each at most `error` from the real number that it stands for.
  private struct Logits {
    let values: [Rational]
    let error: Rational
  }

  /// A pass has computed its logits.
  private struct Finished: Error {}

  /// Every value is a multiple of two to the power of this.
  private static let gridExponent = -96

  /// Measures: one exact pass to each source, and one half as long to each block.
  ///
  /// - Throws: `DriftError`.
  func measure(progress: @Sendable (String) -> Void) throws(DriftError) -> Attribution {
    let errors = try LocalErrors(model.transformer, trace, progress: progress)
    guard let engine = Self.exactly(trace[ActivationName(.logits)]) else { throw .notFinite(activation: "logits") }
    let exact = try logits("the exact pass", progress)

    var places: [(name: String, logits: Logits)] = []
    for (blocks, name) in model.transformer.plan.streams.enumerated() {
      guard let hidden = trace[name].asBalls else {
        throw .notFinite(activation: name.description)
      }
      let label = blocks == 0 ? "embedding" : "block \(blocks - 1)"
      let start = Reference.Pass.Checkpoint(blocks: blocks, hidden: hidden)
      places.append((label, try logits("from the engine after \(label)", from: start, progress)))
    }
    places.append(("final norm and unembedding", engine))

    var added: Set<LocalErrors.Source> = []
    var sources: [(source: LocalErrors.Source?, logits: Logits)] = []
    for source in errors.sources {
      // What adds to the last row of probabilities only does not come into the logits.
      added.insert(source)
      let together = added
      let label = "with \(source.cause.rawValue), \(source.layer.rawValue)"
      sources.append((source, try logits(label, adjusting: { errors.adding(together, to: $1, $0) }, progress)))
    }
    sources.append((nil, engine))
    // The logits after the last source of each cause; a cause without a source adds nothing.
    var totals: [(name: String, logits: Logits)] = []
    for cause in DriftCause.allCases {
      let last = sources.last { $0.source?.cause == cause }?.logits
      totals.append((cause.rawValue, last ?? totals.last?.logits ?? exact))
    }
    totals.append((DriftCause.rest, engine))

    let chosen = Self.chosen(engine, exact)
    let logits = chosen.map { choice, token in
      Attribution.Logit(
        choice: choice, token: token,
        text: String(decoding: model.tokenizer.bytes(of: token), as: UTF8.self),
        drift: (engine.values[token] - exact.values[token]).exactText)
    }
    func parts(_ steps: [(name: String, layer: String?, logits: Logits)]) -> [Attribution.Part] {
      zip(steps, [exact] + steps.map(\.logits)).map { step, before in
        Self.part(step.name, layer: step.layer, from: before, to: step.logits, of: chosen.map(\.token))
      }
    }
    let all = [exact] + places.map(\.logits) + sources.map(\.logits)
    return Attribution(
      logits: logits, places: parts(places.map { ($0.name, nil, $0.logits) }),
      totals: parts(totals.map { ($0.name, nil, $0.logits) }),
      causes: parts(
        sources.map { ($0.source?.cause.rawValue ?? DriftCause.rest, $0.source?.layer.rawValue, $0.logits) }),
      error: ((all.lazy.map(\.error).max() ?? 0) * 2).doubleRoundedUp)
  }

  /// The engine's first choice, and the logit that drifts most.
  private static func chosen(_ engine: Logits, _ exact: Logits) -> [(choice: String, token: Int)] {
    var (first, most) = (0, 0)
    for token in engine.values.indices {
      if engine.values[token] > engine.values[first] { first = token }
      let drift = (engine.values[token] - exact.values[token]).magnitude
      if drift > (engine.values[most] - exact.values[most]).magnitude { most = token }
    }
    return [("first choice", first), ("drifts most", most)]
  }

  private static func part(
    _ name: String, layer: String?, from before: Logits, to after: Logits, of tokens: [Int]
  ) -> Attribution.Part {
    let greatest = after.values.indices.reduce(Rational(0)) {
      max($0, (after.values[$1] - before.values[$1]).magnitude)
    }
    return Attribution.Part(
      name: name, layer: layer, values: tokens.map { (after.values[$0] - before.values[$0]).exactText },
      greatest: greatest.isZero ? 0 : (greatest + before.error + after.error).doubleRoundedUp)
  }

  private static func exactly(_ logits: Activation<Float>) -> Logits? {
    var values: [Rational] = []
    for logit in logits.elements {
      // A Float32 of magnitude 2⁻⁷³ or more is on the grid; a smaller one is put there like the others.
      guard let value = Rational(exactly: logit) else { return nil }
      values.append(onGrid(value))
    }
    return Logits(values: values, error: Rational(significand: 1, exponent: gridExponent - 1))
  }

  private static func onGrid(_ value: Rational) -> Rational {
    Rational(significand: value.units(ofPowerOfTwo: gridExponent, .toNearestOrEven), exponent: gridExponent)
  }

  /// The logits of a pass that is exact but for what it starts `from` and what it is `adjusting`.
  private func logits(
    _ label: String, from start: Reference.Pass.Checkpoint? = nil,
    adjusting adjust: ((ActivationName, Activation<Ball>) -> Activation<Ball>)? = nil,
    _ progress: @Sendable (String) -> Void
  ) throws(DriftError) -> Logits {
    let greatest = AccumulatedMeasurement.greatestPrecision
    do {
      return try PrecisionLoop.decideOrFail(from: min(precision + 64, greatest), upTo: greatest) { precision, _ in
        var balls: [Ball] = []
        do {
          try Reference.TensorPass(model.transformer, precision: precision).run(
            trace.tokens, from: start, adjusting: adjust
          ) { name, activation in
            progress("where drift comes from, \(label): \(name)")
            guard name == ActivationName(.logits) else { return }
            balls = activation.elements
            throw Finished()
          }
        } catch is Finished {
          // The probabilities are of no use here.
        }
        // As narrow as the grid, so that the rounding to it is no more than doubled.
        let grid = Rational(significand: 1, exponent: Self.gridExponent)
        guard let radius = balls.lazy.map(\.radius).max(), radius <= grid else { return nil }
        return Logits(values: balls.map { Self.onGrid($0.midpoint) }, error: radius + grid * Rational(1, over: 2))
      }
    } catch let error as PrecisionExhausted {
      throw .undecided(activation: "logits", precision: error.precision)
    } catch {
      throw .interrupted
    }
  }
}
