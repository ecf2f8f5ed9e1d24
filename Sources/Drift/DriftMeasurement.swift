import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// One measurement of drift: a pass of the engine, each layer of it alone, and the exact pass beside it.
package struct DriftMeasurement: Sendable {
  private let model: LoadedModel
  private let tokens: [Int]
  private let blocks: ClosedRange<Int>
  private let attention: AttentionHeads?
  private let attributes: Bool

  /// Makes a measurement on `tokens` that reports the given `blocks`, what stands outside the blocks, and the maps of
  /// `attention` where some are wanted; and where the drift comes from, if it `attributes`.
  ///
  /// - Precondition: the model has the head that is chosen.
  package init(
    model: LoadedModel, tokens: [Int], blocks: ClosedRange<Int>, attention: AttentionHeads? = nil,
    attributes: Bool = false
  ) {
    self.attention = attention
    self.attributes = attributes
    self.model = model
    self.tokens = tokens
    self.blocks = blocks
  }

  /// Measures, and calls `progress` with a line for people now and then, and `local` with what is known before the exact
  /// pass, which takes almost all of the time: all that there is to say where it is interrupted, as a cancelled task is.
  ///
  /// - Throws: `DriftError.pass` when the engine refuses the tokens, `DriftError.undecided` when no precision suffices,
  ///   `DriftError.interrupted`; `DriftError.pass` with `encoder` where the drift of logits that an encoder has not is to be
  ///   attributed.
  package func report(
    since start: ContinuousClock.Instant = .now, isInterrupted: @Sendable () -> Bool = { false },
    local known: (LocalReport) -> Void = { _ in }, progress: @Sendable (String) -> Void = { _ in }
  ) throws(DriftError) -> DriftReport {
    if attributes, !model.transformer.isDecoder { throw .pass(.encoder) }
    progress("engine: \(tokens.count) tokens")
    let trace = try EngineTrace.record(model.transformer, tokens)
    let reported = trace.order.filter { $0.block.map(blocks.contains) ?? true }
    let verdictsStart = ContinuousClock.now
    let verdicts = try LocalVerdicts(
      model.transformer, trace, of: reported, isInterrupted: isInterrupted, progress: progress)
    let local = verdicts.drifts
    known(
      localReport(
        trace, reported, verdicts, engineSeconds: nil, verdicts: verdictsStart, since: start, isComplete: false))
    let exact = try AccumulatedMeasurement(
      transformer: model.transformer, tokens: tokens, heads: attention, engine: { trace.activations[$0] }
    ).measure(progress: progress)
    let attribution: Attribution? =
      if attributes {
        try AttributionMeasurement(model: model, trace: trace, precision: exact.precision).measure(progress: progress)
      } else {
        nil
      }
    let activations = reported.compactMap { name -> ActivationDrift? in
      guard let local = local[name], let accumulated = exact.drifts[name] else { return nil }
      return ActivationDrift(
        name: name.description, block: name.block, layer: model.transformer.plan.step(name).operation.name,
        shape: trace[name].shape, local: local, accumulated: accumulated)
    }
    let distribution =
      !model.transformer.isDecoder
      ? nil
      : NextTokenDistribution(
        logits: trace[.logits].elements, engine: trace[.probabilities].elements, exact: exact.probabilities,
        tokenizer: model.tokenizer)
    return DriftReport(
      model: model.transformer.name, fingerprint: model.fingerprint, tokens: tokens,
      texts: tokens.map { String(decoding: model.tokenizer.bytes(of: $0), as: UTF8.self) },
      arithmetic: Self.arithmetic, precision: exact.precision,
      activations: activations, next: distribution?.likeliest(10), topTokenProved: distribution?.topTokenProved,
      verdict: local.values.reduce(.within) { $0.joined($1.verdict) },
      attention: exact.attention, attribution: attribution, filteredElements: verdicts.filteredElements,
      exactElements: verdicts.exactElements,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  /// The same without the pass from the tokens, which takes almost all of the time: the local drift of every activation.
  ///
  /// - Throws: as `report`.
  package func localReport(
    since start: ContinuousClock.Instant = .now, isInterrupted: @Sendable () -> Bool = { false },
    progress: @Sendable (String) -> Void = { _ in }
  ) throws(DriftError) -> LocalReport {
    progress("engine: \(tokens.count) tokens")
    let trace = try EngineTrace.record(model.transformer, tokens)
    // The engine's own time is that of a pass that nobody watches, with the weights in memory.
    let engineSeconds = try EngineTrace.seconds(model.transformer, tokens)
    let reported = trace.order.filter { $0.block.map(blocks.contains) ?? true }
    let verdictsStart = ContinuousClock.now
    let verdicts = try LocalVerdicts(
      model.transformer, trace, of: reported, isInterrupted: isInterrupted, progress: progress)
    return localReport(
      trace, reported, verdicts, engineSeconds: engineSeconds, verdicts: verdictsStart, since: start, isComplete: true)
  }

  private func localReport(
    _ trace: EngineTrace, _ reported: [ActivationName], _ verdicts: LocalVerdicts, engineSeconds: Double?,
    verdicts verdictsStart: ContinuousClock.Instant, since start: ContinuousClock.Instant, isComplete: Bool
  ) -> LocalReport {
    let verdictSeconds = (ContinuousClock.now - verdictsStart) / .seconds(1)
    return LocalReport(
      model: model.transformer.name, fingerprint: model.fingerprint, tokens: tokens,
      texts: tokens.map { String(decoding: model.tokenizer.bytes(of: $0), as: UTF8.self) },
      arithmetic: Self.arithmetic,
      activations: reported.compactMap { name in
        verdicts.drifts[name].map { drift in
          ActivationDrift(
            name: name.description, block: name.block, layer: model.transformer.plan.step(name).operation.name,
            shape: trace[name].shape, local: drift, accumulated: nil)
        }
      },
      verdict: verdicts.drifts.values.reduce(.within) { $0.joined($1.verdict) },
      filteredElements: verdicts.filteredElements, exactElements: verdicts.exactElements,
      isComplete: isComplete, engineSeconds: engineSeconds, verdictSeconds: verdictSeconds,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private static var arithmetic: String { "engine, \(Engine.InstructionSet.current.rawValue)" }
}
