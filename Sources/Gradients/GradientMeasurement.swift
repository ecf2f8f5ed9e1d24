import PlumbEngine
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import PlumbVerdicts

/// A measurement of a loss's gradient: each step of the engine's backward pass alone, against its bound, and the gradient of every
/// tensor of weights against the exact one.
package struct GradientMeasurement {
  private let model: LoadedModel
  private let tokens: [Int]
  private let digits: Int
  private let threads: Int?
  private let weightGradients: [GradientName: [Float]]
  private let isAttributed: Bool

  /// The greatest number of digits that can be asked for.
  package static let greatestDigits = ExactGradient.greatestDigits

  /// Makes a measurement on `tokens`, each but the first of which is predicted, with norms of `digits` significant digits.
  ///
  /// The drift is taken apart where it `isAttributed`.
  ///
  /// - Precondition: 1 ≤ `digits` ≤ `greatestDigits`.
  package init(model: LoadedModel, tokens: [Int], digits: Int, threads: Int? = nil, isAttributed: Bool = false) {
    self.init(
      model: model, tokens: tokens, digits: digits, threads: threads, weightGradients: [:], isAttributed: isAttributed)
  }

  /// The same, where `weightGradients` are held against the exact gradients of weights in place of the engine's backward pass's.
  package init(
    model: LoadedModel, tokens: [Int], digits: Int, threads: Int?, weightGradients: [GradientName: [Float]],
    isAttributed: Bool = false
  ) {
    precondition(1...Self.greatestDigits ~= digits, "\(digits) digits")
    self.weightGradients = weightGradients
    self.isAttributed = isAttributed
    self.model = model
    self.tokens = tokens
    self.digits = digits
    self.threads = threads
  }

  /// Measures, and calls `progress` with a line for people now and then.
  ///
  /// - Throws: `GradientError`.
  package func report(
    since start: ContinuousClock.Instant = .now, isInterrupted: @Sendable () -> Bool = { false },
    progress: @Sendable (String) -> Void = { _ in }
  ) throws(GradientError) -> GradientReport {
    let transformer = model.transformer
    let plan: BackwardPlan
    do throws(BackwardRefusal) { plan = try BackwardPlan(transformer) } catch { throw .refused(error) }
    guard tokens.count > 1 else { throw .nothingPredicted }
    progress("engine: \(tokens.count) tokens")
    let trace: GradientTrace
    do throws(Engine.PassError) {
      trace = try GradientTrace(transformer, plan, text: tokens, threads: threads)
    } catch { throw .pass(error) }
    let verdictsStart = ContinuousClock.now
    let verdicts = try LocalGradients(trace, isInterrupted: isInterrupted, progress: progress)
    let verdictSeconds = (ContinuousClock.now - verdictsStart) / .seconds(1)
    let exact = try ExactGradient(
      transformer, plan, tokens: trace.tokens, targets: trace.targets, digits: digits
    ).certified(
      isInterrupted: isInterrupted, engine: { weightGradients[$0] ?? trace.gradients[$0]?.elements },
      progress: progress)
    let attribution = try attribution(trace, exact, isInterrupted, progress)
    let tensors = storedTensors(plan, exact)
    let steps = plan.steps.compactMap { step -> ActivationDrift? in
      guard let local = verdicts.drifts[step.name] else { return nil }
      return ActivationDrift(
        name: step.name.description, block: step.block, layer: step.layerName, shape: trace[step.name].shape,
        local: local, accumulated: exact.surveys[step.name]?.drift)
    }
    let engineSquares = tensors.reduce(0) { $0 + $1.engineSquares }
    let loss = trace.losses.reduce(0) { $0 + Double($1) } / Double(max(trace.losses.count, 1))
    return GradientReport(
      model: model.name, fingerprint: model.fingerprint, tokens: tokens,
      texts: tokens.map { String(decoding: model.tokenizer.bytes(of: $0), as: UTF8.self) },
      arithmetic: "engine, \(Engine.InstructionSet.current.rawValue)", digits: digits, precision: exact.precision,
      loss: number(loss, exact.loss), norm: number(engineSquares.squareRoot(), exact.norm),
      tensors: tensors.map(\.row), steps: steps, attribution: attribution, unjudged: verdicts.unjudged,
      verdict: verdicts.drifts.values.reduce(.within) { $0.joined($1.verdict) },
      engineSeconds: trace.seconds, verdictSeconds: verdictSeconds, seconds: (ContinuousClock.now - start) / .seconds(1)
    )
  }

  /// The sources of the drift, where they are asked for.
  private func attribution(
    _ trace: GradientTrace, _ exact: ExactGradient.Result, _ isInterrupted: @Sendable () -> Bool,
    _ progress: @Sendable (String) -> Void
  ) throws(GradientError) -> GradientAttribution? {
    guard isAttributed else { return nil }
    return try withoutActuallyEscaping(isInterrupted) { isInterrupted throws(GradientError) in
      try withoutActuallyEscaping(progress) { progress throws(GradientError) in
        try GradientAttributionMeasurement(
          transformer: model.transformer, trace: trace, precision: exact.precision + 64,
          weightBits: exact.weightBits + 64, isInterrupted: isInterrupted, progress: progress
        ).measure()
      }
    }
  }

  private func number(_ engine: Double, _ exact: Ball) -> GradientReport.Number {
    GradientReport.Number(
      engine: engine.hexadecimal, lower: exact.lower.doubleRoundedDown.hexadecimal,
      upper: exact.upper.doubleRoundedUp.hexadecimal, exact: exact.provedDigits(digits))
  }

  /// A row for each stored tensor, made of those of its parts.
  private func storedTensors(
    _ plan: BackwardPlan, _ exact: ExactGradient.Result
  ) -> [(row: GradientReport.TensorGradient, engineSquares: Double)] {
    var order: [StoredPlace] = []
    var parts: [String: GradientSurvey] = [:]
    for tensor in plan.weights {
      guard let place = tensor.place, let survey = exact.surveys[GradientName(.weight(tensor.name))] else { continue }
      if parts[place.name]?.add(survey) == nil {
        parts[place.name] = survey
        order.append(place)
      }
    }
    return order.compactMap { place in
      guard let survey = parts[place.name], let norm = exact.norms[place.name] else { return nil }
      let distance = survey.distance
      let row = GradientReport.TensorGradient(
        name: place.name, shape: place.shape, norm: number(survey.engineSquares.squareRoot(), norm),
        accumulated: survey.drift,
        relativeNorm: distance == 0 ? 0 : (distance / norm.lower.doubleRoundedDown).nextUp)
      return (row, survey.engineSquares)
    }
  }
}
