import PlumbDrift
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import PlumbTolerance
import PlumbVerdicts

/// Grades a dump: each activation on the dump's own inputs to it, and the whole from the tokens.
package struct GradeMeasurement: Sendable {
  let model: LoadedModel
  /// The dump, with tensors put right that stood in another order.
  var dump: ActivationDump
  let arithmetic: ArithmeticModel
  /// Whether the dump may hold other numbers than the engine's own, rounded to the dump's format.
  let isStorageApart: Bool
  /// Whether the engine may have had more digits than the dump, though that is in the arithmetic's own format.
  var isRoundedDump = false
  /// Is told, in a line for people, how far the work is.
  package var progress: @Sendable (String) -> Void = { _ in }
  /// The turns of all positions at the first precision, by the layer, where the reference has them.
  private let turns: [RotaryEmbeddingLayer: Activation<Reference.Turn>]

  /// Makes a measurement of `dump`, whose engine computed in `arithmetic`.
  ///
  /// Without an arithmetic, it is that of the dump's format; and as nobody says whether the engine's own tensors are in
  /// that format or were only rounded to it for the dump, both are allowed for.
  package init(model: LoadedModel, dump: ActivationDump, arithmetic: ArithmeticModel? = nil) {
    self.model = model
    self.dump = dump
    self.arithmetic = arithmetic ?? dump.arithmetic
    isStorageApart = arithmetic == nil
    var turns: [RotaryEmbeddingLayer: Activation<Reference.Turn>] = [:]
    for layer in model.transformer.plan.rotaryLayers where turns[layer] == nil {
      turns[layer] = try? Reference.rotaryTurns(
        layer, 0..<dump.tokens.count, precision: LocalMeasurement.firstPrecision)
    }
    self.turns = turns
  }

  /// The measurement of the same dump, where the engine computed `transformer` in place of the model.
  func editing(_ transformer: Transformer) -> GradeMeasurement {
    let edited = LoadedModel(
      transformer: transformer, tokenizer: model.tokenizer, architecture: model.architecture, source: model.source)
    var result = GradeMeasurement(
      model: edited, dump: dump, arithmetic: arithmetic, isStorageApart: isStorageApart, turns: turns)
    result.isRoundedDump = isRoundedDump
    return result
  }

  private init(
    model: LoadedModel, dump: ActivationDump, arithmetic: ArithmeticModel, isStorageApart: Bool,
    turns: [RotaryEmbeddingLayer: Activation<Reference.Turn>]
  ) {
    (self.model, self.dump, self.arithmetic) = (model, dump, arithmetic)
    (self.isStorageApart, self.turns) = (isStorageApart, turns)
  }

  /// The pass at `precision`.
  func pass(precision: Int) -> SegmentPass {
    let progress = progress
    return SegmentPass(
      transformer: model.transformer, dump: dump, model: arithmetic, isStorageApart: isStorageApart,
      isRoundedDump: isRoundedDump, precision: precision,
      turns: precision == LocalMeasurement.firstPrecision ? turns : [:]
    ) { segment, step in
      if !segment.between.isEmpty { progress("\(segment.end), over what the dump lacks: \(step)") }
    }
  }

  /// Measures, and calls `progress` with a line for people now and then.
  ///
  /// An activation is blamed only for what it does on the very inputs that the dump has for it, so that inherited errors are
  /// nobody's cause. The exact pass from the tokens, where `isCumulative`, says how far the whole went, and gives the maps of
  /// `attention` where some are wanted.
  /// - Throws: `DriftError.interrupted` where that is so before every local drift is known.
  package func report(
    isCumulative: Bool, attention: AttentionHeads? = nil, since start: ContinuousClock.Instant = .now,
    isInterrupted: @Sendable () -> Bool = { false }, progress: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(DriftError) -> (report: GradeReport, failure: GradeFailure?) {
    var measurement = self
    measurement.progress = progress
    let judge = measurement
    let names = model.transformer.plan.names.filter { dump.tensors[$0] != nil }
    var local: [ActivationName: (segment: Segment, drift: LocalDrift)] = [:]
    let first = try concurrentMap(names.count) { index throws(DriftError) -> LocalDrift in
      if isInterrupted() { throw .interrupted }
      progress("local drift: \(index + 1) of \(names.count), \(names[index])")
      return judge.drift(of: names[index]).drift
    }
    var repaired = Set<ActivationName>()
    for (name, drift) in zip(names, first) {
      let repairs = measurement.dump.repairs.count
      // What stands on a tensor that was put right is judged again.
      let inputs = Segment(name, in: model.transformer) { dump.tensors[$0] != nil }.beginnings
      local[name] = measurement.measure(name, known: inputs.contains(where: repaired.contains) ? nil : drift)
      if measurement.dump.repairs.count > repairs { repaired.insert(name) }
    }
    measurement.settle(&local, names)
    let graded = measurement.dump
    let backward = try measurement.gradients(isInterrupted: isInterrupted)
    let isClaimed = local.values.contains { $0.drift.verdict.isClaimed }
    let isLeftOut = names.isEmpty || isCumulative && !isClaimed && attention == nil && isLong
    if isLeftOut && !names.isEmpty { measurement.dump.notes.append(advice(graded)) }
    var isComplete = true
    var exact: AccumulatedMeasurement.Result?
    if isCumulative && !isLeftOut {
      do throws(DriftError) {
        exact = try AccumulatedMeasurement(
          transformer: model.transformer, tokens: graded.tokens, heads: attention,
          engine: { graded.tensors[$0]?.activation }
        ).measure(progress: progress)
      } catch DriftError.interrupted {
        // What is known without the pass is worth saying.
        isComplete = false
      } catch DriftError.undecided(let activation, let precision) {
        measurement.dump.notes.append(
          "The exact pass from the tokens is undecided at '\(activation)', even at \(precision) bits: no accumulated drift is "
            + "claimed, and no next token.")
      }
    }
    let distribution = exact.flatMap { NextTokenDistribution(of: graded, exact: $0.probabilities, model) }
    let activations = names.compactMap { name -> GradedActivation? in
      guard let (segment, drift) = local[name], let dumped = graded.tensors[name] else { return nil }
      return GradedActivation(
        drift: ActivationDrift(
          name: name.description, block: name.block, layer: model.transformer.plan.step(name).operation.name,
          shape: dumped.activation.shape,
          local: drift, accumulated: exact?.drifts[name]),
        tensor: dumped.tensor, storage: dumped.storageName, from: segment.beginnings.map(\.description),
        bridged: segment.between.map(\.description), unclaimed: measurement.unclaimed(segment, drift))
    }
    let cause = names.lazy.compactMap { local[$0] }.first { $0.drift.verdict.isRefuted }
    let failure = cause.map { GradeFailure(measurement: measurement, segment: $0.segment, drift: $0.drift) }
    let report = GradeReport(
      isComplete: isComplete, model: model.transformer.name, fingerprint: model.fingerprint, dump: dump.file,
      names: dump.names,
      tokens: dump.tokens, texts: dump.tokens.map { String(decoding: model.tokenizer.bytes(of: $0), as: UTF8.self) },
      arithmetic: arithmetic.description, activations: activations, gradients: backward?.rows,
      firstGradientCause: backward?.firstCause,
      notes: measurement.dump.allNotes + (backward?.notes ?? []) + measurement.nonFinite(names),
      firstCause: failure?.cause,
      verdict: (local.values.map(\.drift) + (backward?.rows.map(\.local) ?? [])).reduce(.within) {
        $0.joined($1.verdict)
      },
      precision: exact?.precision, next: distribution?.likeliest(10), topTokenProved: distribution?.topTokenProved,
      attention: exact?.attention.flatMap { $0.isEmpty ? nil : $0 },
      seconds: (ContinuousClock.now - start) / .seconds(1))
    return (report, failure)
  }

  /// The grades of the dump's gradients; `nil` where it has none.
  private func gradients(isInterrupted: () -> Bool) throws(DriftError) -> GradientGrade? {
    guard let gradients = dump.gradients else { return nil }
    let pass = pass(precision: LocalMeasurement.firstPrecision)
    return try GradientGrade.ofEitherClamp(pass, gradients, isInterrupted: isInterrupted, progress: progress)
  }

  /// The local drift of `name`; where its elements stand in another order, they are put right, with a note.
  ///
  /// - Parameter known: the drift of what the dump has, where it is known.
  mutating func measure(
    _ name: ActivationName, known: LocalDrift? = nil
  ) -> (segment: Segment, drift: LocalDrift) {
    let (segment, drift) = drift(of: name, known: known)
    guard drift.verdict == .outside, let dumped = dump.tensors[name] else { return (segment, drift) }
    for order in ElementOrder.likely(for: name, dumped.activation, model.transformer) {
      let repairedDrift = decide(order.repaired, segment)
      guard repairedDrift.verdict == .within else { continue }
      dump.replace(name, by: order.repaired)
      dump.repairs.append((dumped.tensor, order.likeness))
      return (segment, repairedDrift)
    }
    return (segment, drift)
  }

  /// The local drift of `name` as the dump has it.
  func drift(
    of name: ActivationName, known: LocalDrift? = nil
  ) -> (segment: Segment, drift: LocalDrift) {
    let segment = Segment(name, in: model.transformer) { dump.tensors[$0] != nil }
    guard let dumped = dump.tensors[name] else { preconditionFailure("'\(name)' is not in the dump") }
    if let known { return (segment, known) }
    return (segment, decide(dumped.activation, segment))
  }

  private func decide(_ activation: Activation<Float>, _ segment: Segment) -> LocalDrift {
    let first = pass(precision: LocalMeasurement.firstPrecision)
    if activation.elements.count >= LocalComparison.leastSurveyed,
      let drift = try? first.survey(activation, segment)
    {
      return drift
    }
    let drift = LocalMeasurement.decide(activation) { precision throws(EnclosureError) in
      try pass(precision: precision).expectation(of: segment)
    }
    return drift.verdict == .outside && anotherExpert(segment) != nil ? drift.ofAnotherExpert : drift
  }

  /// The expert that the dump chose at the end of `segment` where rounding does not explain it; `nil` where that is no router, or it
  /// does.
  func anotherExpert(_ segment: Segment) -> FirstCause.AnotherExpert? {
    guard case .router? = model.transformer.plan[segment.end]?.operation else { return nil }
    let answer: FirstCause.AnotherExpert?? = try? PrecisionLoop.decide(
      from: LocalMeasurement.firstPrecision, upTo: LocalMeasurement.greatestPrecision
    ) { precision throws(EnclosureError) -> FirstCause.AnotherExpert?? in
      .some(try pass(precision: precision).anotherExpert(segment))
    }
    return answer ?? nil
  }

  /// Whether the exact pass from the tokens takes more than a moment.
  private var isLong: Bool {
    let weights = model.transformer.tensors.reduce(0) { $0 + $1.rows * $1.columns }
    return weights > (1 << 24) / max(dump.tokens.count, 1)
  }

  /// The advice where the exact pass from the tokens was left out.
  private func advice(_ dump: ActivationDump) -> String {
    let tokens = dump.tokens.map(String.init).joined(separator: ",")
    let command =
      dump.tensors[ActivationName(.logits)]?.tensor == "logits"
      ? ": 'plumb certify MODEL --tokens \(tokens) --against \(dump.file)' holds its logits against the exact ones" : ""
    return "The exact pass from the tokens was left out, as nothing can be claimed of any activation\(command)."
  }

  /// The place where numbers that are not finite begin: the first activation that has one.
  private func nonFinite(_ names: [ActivationName]) -> [String] {
    for name in names {
      let all = nonFiniteElements(of: name)
      guard let bad = all.first, let activation = dump.tensors[name]?.activation else { continue }
      let place = LocalComparison.coordinates(of: bad, in: activation.shape)
      return [
        "\(activation.elements[bad].isNaN ? "NaN" : "Infinity") begins in '\(name)' at \(place) "
          + "of \(model.transformer.plan.axes(of: name)), \(all.count) of its \(activation.elements.count) elements "
          + "\(all.count == 1 ? "is" : "are") not finite; nothing is claimed of what is computed from it."
      ]
    }
    return []
  }
}
