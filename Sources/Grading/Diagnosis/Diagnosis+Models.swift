import PlumbModel
import PlumbVerdicts

// Bugs of several steps at once: the stretch that went wrong is graded against the model that has them.
extension Diagnosis {
  /// The models that an engine may have computed instead, those in front decided.
  func edited(_ allowance: Allowance, until deadline: ContinuousClock.Instant) -> [Trial] {
    guard let end = failure.steps.last else { return [] }
    let models = EditedModel.all(of: failure.transformer, block: end.name.block, tokens: failure.tokens.count)
    return proving(
      models.compactMap { ContinuousClock.now < deadline ? judge($0, end, allowance) : nil })
  }

  /// The models that differ by one number, which is solved for.
  func solvedModels(_ allowance: Allowance, until deadline: ContinuousClock.Instant) -> [Trial] {
    guard let end = failure.steps.last, let block = end.name.block, let dumped = failure.dumped(end.name) else {
      return []
    }
    return SolvedEdit.all(of: failure.transformer, block: block).flatMap { number -> [Trial] in
      progress("\(failure.cause.name): solving for \(number.solved.attribute)")
      let candidates = number.solved.candidates { value in
        guard ContinuousClock.now < deadline else { return nil }
        return output(of: number.model(value, failure.transformer, block)).map {
          distance($0.elements, dumped.elements)
        }
      }
      let judged = candidates.compactMap { judge(number.model($0, failure.transformer, block), end, allowance) }
      // A proof is sharper than the estimate that it follows.
      let decided = judged.filter { $0.explanation.margin <= 1 }.prefix(3).lazy.flatMap { proving([$0]) }
      return (decided.first { $0.explanation.margin <= 1 } ?? decided.last ?? judged.last).map { [$0] } ?? []
    }
  }

  private func judge(_ model: EditedModel, _ end: Step, _ allowance: Allowance) -> Trial? {
    progress("\(failure.cause.name): trying \(model.name)")
    guard let output = output(of: model), let margin = allowance.margin(of: output) else { return nil }
    return Trial(
      hypothesis: Hypothesis(model.name, model.cause) { _, _ in nil }, step: end, model: model,
      explanation: .init(mutant: model.name, cause: model.cause, margin: margin))
  }

  /// The failing activation as `model` has it, in Float64 from what the dump has; `nil` where that model lacks it.
  private func output(of model: EditedModel) -> Activation<Float>? {
    let plan = model.transformer.plan
    guard let end = failure.steps.last?.name, plan[end] != nil, model.isSound else {
      return nil
    }
    let segment = Segment(end, in: model.transformer) { failure.dumped($0) != nil }
    var values: Hypothesis.Values = [:]
    for name in segment.beginnings { values[name] = failure.dumped(name) }
    for name in segment.steps {
      let step = plan.step(name)
      let diagnosed = DiagnosedStep(step: step, transformer: model.transformer, tokens: failure.tokens)
      guard let output = Hypothesis.plain(diagnosed, step.operation, values) else { return nil }
      let shape = step.shape(tokens: failure.tokens.count)
      guard output.elements.count == shape.reduce(1, *) else { return nil }
      values[name] = output.reshaped(shape)
    }
    return values[end]
  }

  /// The margin of the dump against `model`, as a verdict proves it; `nil` where nothing is claimed.
  func gradedMargin(_ model: EditedModel) -> Double? { gradedMargin(failure.measurement.editing(model.transformer)) }

  /// The margin of the failing activation in another measurement; `nil` where nothing is claimed of some of it.
  func gradedMargin(_ measurement: GradeMeasurement) -> Double? {
    guard let end = failure.steps.last?.name else { return nil }
    let drift = measurement.drift(of: end).drift
    switch drift.verdict {
    case .within where drift.outsideDomain == 0 && drift.undecided == 0: return drift.margin
    case .outside: return drift.margin
    default: return nil
    }
  }
}
