import PlumbEngine
import PlumbExact
public import PlumbFormats
import PlumbModel

/// One measurement of drift: a pass of the engine, each layer of it alone, and the exact pass beside it.
public struct DriftMeasurement: Sendable {
  private let model: LoadedModel
  private let tokens: [Int]
  private let blocks: ClosedRange<Int>
  private let attention: AttentionHeads?
  private let attributes: Bool

  /// Makes a measurement on `tokens` that reports the given `blocks`, what stands outside the blocks, and the maps of
  /// `attention` where some are wanted; and where the drift comes from, if it `attributes`.
  ///
  /// - Precondition: the model has the head that is chosen.
  public init(
    model: LoadedModel, tokens: [Int], blocks: ClosedRange<Int>, attention: AttentionHeads? = nil,
    attributes: Bool = false
  ) {
    self.attention = attention
    self.attributes = attributes
    self.model = model
    self.tokens = tokens
    self.blocks = blocks
  }

  /// Measures, and calls `progress` with a line for people now and then.
  ///
  /// - Throws: `DriftError.pass` when the engine refuses the tokens, `DriftError.undecided` when no precision suffices.
  public func report(
    since start: ContinuousClock.Instant = .now, progress: @Sendable (String) -> Void = { _ in }
  ) throws(DriftError) -> DriftReport {
    progress("engine: \(tokens.count) tokens")
    let trace = try EngineTrace.record(model.transformer, tokens)
    let reported = trace.order.filter { $0.block.map(blocks.contains) ?? true }
    var local: [ActivationName: LocalDrift] = [:]
    for (index, name) in reported.enumerated() {
      progress("local drift: \(index + 1) of \(reported.count), \(name)")
      local[name] = try LocalMeasurement(transformer: model.transformer, trace: trace).measure(name)
    }
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
        name: name.description, block: name.block, layer: name.layer.rawValue,
        shape: trace[name.role, in: name.block].shape, local: local, accumulated: accumulated)
    }
    let distribution = NextTokenDistribution(
      logits: trace[.logits].elements, engine: trace[.probabilities].elements, exact: exact.probabilities,
      tokenizer: model.tokenizer)
    return DriftReport(
      model: model.transformer.name, fingerprint: model.fingerprint, tokens: tokens,
      texts: tokens.map { String(decoding: model.tokenizer.bytes(of: $0), as: UTF8.self) },
      arithmetic: "engine, \(Engine.InstructionSet.current.rawValue)", precision: exact.precision,
      activations: activations, next: distribution.likeliest(10), topTokenProved: distribution.topTokenProved,
      verdict: local.values.reduce(.within) { $0.joined($1.verdict) },
      attention: exact.attention, attribution: attribution,
      seconds: (ContinuousClock.now - start) / .seconds(1))
  }
}
