import PlumbModel

// Bugs of what a stretch reads: the dump is graded with other numbers at its beginnings.
extension Diagnosis {
  /// The inputs that may have been read instead, those in front decided.
  func changedInputs(_ allowance: Allowance, until deadline: ContinuousClock.Instant) -> [Trial] {
    proving(
      (ChangedInputs.all(of: failure) + clamped(until: deadline)).compactMap {
        ContinuousClock.now < deadline ? judge($0, allowance) : nil
      })
  }

  /// The inputs with the limits that bring what is computed from them nearest to the dump.
  private func clamped(until deadline: ContinuousClock.Instant) -> [ChangedInputs] {
    guard let dumped = failure.steps.last.flatMap({ failure.dumped($0.name) }) else { return [] }
    return failure.segment.beginnings.flatMap { name -> [ChangedInputs] in
      guard let input = failure.dumped(name), let greatest = input.elements.map(\.magnitude).max(), greatest > 0,
        greatest.isFinite
      else { return [] }
      return ChangedInputs.Side.allCases.flatMap { side -> [ChangedInputs] in
        progress("\(failure.cause.name): solving for a limit of \(name)")
        let solved = SolvedNumber(attribute: "limit", given: greatest / 2)
        return solved.candidates { limit in
          guard ContinuousClock.now < deadline else { return nil }
          return output(of: .clamped(name, input, side, at: limit)).map { distance($0.elements, dumped.elements) }
        }
        .map { ChangedInputs.clamped(name, input, side, at: $0) }
      }
    }
  }

  private func judge(_ changed: ChangedInputs, _ allowance: Allowance) -> Trial? {
    progress("\(failure.cause.name): trying \(changed.name)")
    guard let end = failure.steps.last, let output = output(of: changed), let margin = allowance.margin(of: output)
    else {
      return nil
    }
    return Trial(
      hypothesis: Hypothesis(changed.name, changed.cause) { _, _ in nil }, step: end, inputs: changed,
      explanation: .init(mutant: changed.name, cause: changed.cause, margin: margin))
  }

  private func output(of changed: ChangedInputs) -> Activation<Float>? {
    result(reading: changed.numbers, Hypothesis.right)
  }

  /// The margin of the dump whose beginnings are the changed ones, as a verdict proves it; `nil` where nothing is claimed.
  func gradedMargin(_ changed: ChangedInputs) -> Double? {
    var measurement = failure.measurement
    for (name, numbers) in changed.numbers { measurement.dump.replace(name, by: numbers) }
    return gradedMargin(measurement)
  }
}
