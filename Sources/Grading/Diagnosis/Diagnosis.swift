import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts

/// Tries the bugs that a failing layer may have, and says which of them give what the dump has.
///
/// Each hypothesis computes the layer with its bug in Float64 on the dump's own inputs. It explains the dump where every
/// element lies within what rounding may do to a result of that size: the layer's own proved bound there, moved to the
/// size of what the bug gives. That ranks the hypotheses. Those in front are then decided as verdicts are: where the bug
/// can be restated as a layer without one, by exact values and the proved bound of that layer; otherwise by an enclosure
/// of what the bug gives in exact arithmetic and a bound of what an engine that has it may be off by. Their margin is
/// that one.
package struct Diagnosis {
  let failure: GradeFailure
  let patience: Duration
  let progress: @Sendable (String) -> Void

  /// Prepares the diagnosis of `failure`; pairs of bugs are tried for as long as there is `patience`, and for as long again
  /// hypotheses are decided exactly, bugs alone first and then pairs.
  ///
  /// - Parameter progress: is told, in a line for people, how far it is.
  package init(
    _ failure: GradeFailure, patience: Duration = .seconds(20),
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.failure = failure
    self.patience = patience
    self.progress = progress
  }

  /// A bug that was tried.
  struct Trial {
    let hypothesis: Hypothesis
    /// The step that has the bug.
    let step: Step
    /// The model that has the bug, where it is one of the whole stretch.
    var model: EditedModel?
    /// The numbers that are read in place of the dump's, where that is the bug.
    var inputs: ChangedInputs?
    /// Whether the bug is one that a case of its layer tells from another.
    var isDistinct = true
    var explanation: FirstCause.Explanation
  }

  /// The cause with what explains it, what nearly does, and how to tell apart what explains it.
  package func explanation() -> FirstCause {
    var cause = failure.cause
    guard let control = result(Hypothesis.right), failure.exact.count == control.elements.count else { return cause }
    var judged: [Trial] = []
    func isExplained() -> Bool { judged.contains { $0.explanation.margin <= 1 } }
    // A bug that moves elements from row to row has errors of other rows' size, which is tried second; two bugs last.
    for scope in [Allowance.Scope.row, .tensor] where !isExplained() {
      let allowance = Allowance(failure, scope, control: control)
      let single = failure.steps.map { step in
        (step, Hypothesis.all(of: step, in: failure.transformer) + Hypothesis.shifts(of: step, in: failure))
      }
      let tried =
        single + Hypothesis.together(single) + single.map { ($0.0, Hypothesis.families(of: $0.0, in: failure)) }
      judged = proving(tried.flatMap { step, all in all.compactMap { judge($0, at: step, allowance) } })
    }
    let (row, end) = (Allowance(failure, .row, control: control), ContinuousClock.now + patience)
    if !isExplained() { judged = sorted(judged + edited(row, until: end)) }
    if !isExplained() { judged = sorted(judged + changedInputs(row, until: end)) }
    if !isExplained() { judged = sorted(judged + solved(row)) }
    if !isExplained() { judged = sorted(judged + solvedModels(row, until: end)) }
    if !isExplained(), let inaccurate { judged.append(inaccurate) }
    if !isExplained() {
      let pairs = pairs(row)
      cause.untriedPairs = pairs.untried
      judged = sorted(judged + proving(pairs.judged))
    }
    let explaining = judged.filter { $0.explanation.margin <= 1 }
    let told = explaining.filter { $0.model == nil && $0.inputs == nil && $0.isDistinct }
    cause.explanations = explaining.map(\.explanation)
    cause.refuted = judged.map(\.explanation).filter { $0.margin > 1 && $0.margin.isFinite }.prefix(5).map { $0 }
    let search = TellingCase(failure)
    cause.distinctions = told.dropFirst().prefix(4).map { other in
      progress("telling \(told[0].hypothesis.name) from \(other.hypothesis.name)")
      return search.distinction(
        (told[0].hypothesis, told[0].step), (other.hypothesis, other.step))
    }
    return cause
  }

  func sorted(_ trials: [Trial]) -> [Trial] {
    trials.sorted {
      ($0.explanation.margin, $0.explanation.mutant) < ($1.explanation.margin, $1.explanation.mutant)
    }
  }

  /// The estimates up to which all are decided, so that one that is too careful or too generous does no harm; and how many
  /// beyond, those that a report names as refuted.
  private static let decided = (margin: 16.0, beyond: 5)

  /// `trials` with those in front decided exactly where they can be, for as long as there is patience; of rising margin.
  func proving(_ trials: [Trial]) -> [Trial] {
    let (trials, start) = (sorted(trials), ContinuousClock.now)
    guard let end = failure.steps.last, let dumped = failure.dumped(end.name) else { return trials }
    let near = trials.count { $0.explanation.margin <= Self.decided.margin } + Self.decided.beyond
    let decided = trials.prefix(near).map { trial -> Trial in
      progress("\(failure.cause.name): deciding \(trial.hypothesis.name)")
      guard ContinuousClock.now - start < patience,
        let margin = margin(trial, dumped)
      else { return trial }
      var proved = trial
      proved.explanation = .init(
        mutant: trial.explanation.mutant, cause: trial.explanation.cause, margin: margin, proved: true)
      return proved
    }
    return sorted(decided + trials.dropFirst(near))
  }

  private func margin(_ trial: Trial, _ dumped: Activation<Float>) -> Double? {
    if let model = trial.model { return gradedMargin(model) }
    if let inputs = trial.inputs { return gradedMargin(inputs) }
    return restatedMargin(trial, dumped) ?? enclosedMargin(trial, dumped)
  }

  /// The margin of the case that the bug is, where the dump has what the engine had, and the case the exact weights.
  private func restatedMargin(_ trial: Trial, _ dumped: Activation<Float>) -> Double? {
    guard failure.steps.count == 1, failure.isAsComputed, step(trial.step).weightError == 0 else { return nil }
    var values: Hypothesis.Values = [:]
    for name in failure.known { values[name] = failure.dumped(name) }
    guard let input = trial.hypothesis.restated(step(trial.step), values),
      input.outputCount == dumped.elements.count,
      let drift = try? Catalogue.judge(input, output: dumped.reshaped(input.outputShape), in: failure.arithmetic),
      drift.verdict.isClaimed
    else { return nil }
    return drift.margin
  }

  /// The margin of what the bug gives in exact arithmetic, in the segment that the dump leaves open.
  private func enclosedMargin(_ trial: Trial, _ dumped: Activation<Float>) -> Double? {
    var special: [Double?] = []
    let places = failure.steps.filter { trial.hypothesis.isOf($0.name, at: trial.step.name) }
    let enclosure = failure.enclosure(replacing: Set(places.map(\.name))) { name, inputs in
      guard let place = places.first(where: { $0.name == name }),
        let output = trial.hypothesis.enclosed(step(place), inputs.map { $0.map { Enclosed($0) } }, failure.arithmetic)
      else { return nil }
      special = output.elements.map(\.special)
      let shape = place.shape(tokens: failure.tokens.count)
      return output.elements.count == shape.reduce(1, *) ? output.map(\.tracked).reshaped(shape) : nil
    }
    guard let enclosure, enclosure.elements.count == dumped.elements.count else { return nil }
    let isLast = places.last?.name == failure.steps.last?.name
    let elements = enclosure.elements.enumerated().map { index, tracked in
      isLast ? special[index].map { Enclosed(special: $0) } ?? Enclosed(tracked) : Enclosed(tracked)
    }
    return EnclosedMargin.decided(dumped.elements, elements) { failure.bounds[$0] != nil }
  }

  private func step(_ step: Step) -> DiagnosedStep {
    DiagnosedStep(step: step, transformer: failure.transformer, tokens: failure.tokens)
  }

  /// The steps with another number for one of their attributes, each the one of fewest digits that explains the dump.
  private func solved(_ allowance: Allowance) -> [Trial] {
    guard let dumped = failure.steps.last.flatMap({ failure.dumped($0.name) }) else { return [] }
    var trials: [Trial] = []
    var inputs: [CheckedCase?] = []
    _ = result { step, values in
      inputs.append(step.makeCase(values))
      return Hypothesis.right(step, values)
    }
    for (place, input) in zip(failure.steps, inputs) {
      for number in input.map(SolvedNumber.all) ?? [] {
        progress("\(failure.cause.name): solving for \(number.attribute)")
        let candidates = number.candidates { value in
          output(of: number.hypothesis(place.layer, value), at: place).map { distance($0.elements, dumped.elements) }
        }
        let judged = candidates.compactMap { judge(number.hypothesis(place.layer, $0), at: place, allowance) }
        // A proof is sharper than the estimate that it follows.
        let likely = judged.filter { $0.explanation.margin <= 1 }.prefix(3)
        let proved = likely.lazy.flatMap { proving([$0]) }.first { $0.explanation.margin <= 1 }
        trials += (proved ?? judged.last).map { [$0] } ?? []
      }
    }
    return trials
  }

  /// The sum of the distances of the numbers that are finite in the dump; infinite where one is not in the output.
  func distance(_ output: [Float], _ dumped: [Float]) -> Double {
    zip(output, dumped).reduce(0) { sum, pair in
      guard pair.1.isFinite else { return sum }
      return pair.0.isFinite ? sum + (Double(pair.0) - Double(pair.1)).magnitude : .infinity
    }
  }

  /// Every two bugs of one step, for as long as there is patience, and how many are left then.
  private func pairs(_ allowance: Allowance) -> (judged: [Trial], untried: Int) {
    let start = ContinuousClock.now
    var judged: [Trial] = []
    var untried = 0
    for step in failure.steps {
      let all = Hypothesis.all(of: step, in: failure.transformer)
      for (place, first) in all.enumerated() {
        for second in all[(place + 1)...] {
          guard let both = Hypothesis.both(first, second) else { continue }
          guard ContinuousClock.now - start < patience else {
            untried += 1
            continue
          }
          judged += judge(both, at: step, allowance).map { [$0] } ?? []
        }
      }
    }
    return (judged, untried)
  }

  private func judge(_ hypothesis: Hypothesis, at place: Step, _ allowance: Allowance) -> Trial? {
    progress("\(failure.cause.name): trying \(hypothesis.name)")
    guard let output = output(of: hypothesis, at: place), let margin = allowance.margin(of: output) else { return nil }
    return Trial(
      hypothesis: hypothesis, step: place,
      explanation: .init(mutant: hypothesis.name, cause: hypothesis.cause, margin: margin))
  }

  /// The failing activation, where the step `place` has the bug.
  private func output(of hypothesis: Hypothesis, at place: Step) -> Activation<Float>? {
    result { step, values in
      hypothesis.isOf(step.step.name, at: place.name) ? hypothesis.output(step, values) : Hypothesis.right(step, values)
    }
  }

  /// The failing activation, where every step of the segment is computed by `compute`.
  func result(
    reading changed: Hypothesis.Values = [:],
    _ compute: (DiagnosedStep, Hypothesis.Values) -> Activation<Float>?
  ) -> Activation<Float>? {
    var values = changed
    for name in failure.known where values[name] == nil { values[name] = failure.dumped(name) }
    var last: Activation<Float>?
    for place in failure.steps {
      guard let output = compute(step(place), values) else { return nil }
      let shape = place.shape(tokens: failure.tokens.count)
      guard output.elements.count == shape.reduce(1, *) else { return nil }
      last = output.reshaped(shape)
      values[place.name] = last
    }
    return last
  }
}
