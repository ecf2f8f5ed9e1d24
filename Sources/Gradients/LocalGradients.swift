import PlumbModel
import PlumbReference
import PlumbVerdicts

/// Each step of a backward pass alone: its exact value on the very inputs that the engine gave it, and the engine's gradient against
/// it.
package struct LocalGradients {
  /// The drift of the gradient of each step.
  package private(set) var drifts: [GradientName: LocalDrift] = [:]
  /// The steps of which no case of a layer can say what they do: nothing is claimed of their gradients.
  package private(set) var unjudged: [String] = []

  /// Measures every step of `trace`, several at once, and calls `progress` with a line for people.
  ///
  /// - Throws: `GradientError.interrupted`.
  init(
    _ trace: GradientTrace, isInterrupted: @Sendable () -> Bool, progress: @Sendable (String) -> Void
  ) throws(GradientError) {
    let steps = trace.plan.steps
    let measured = try concurrentMap(steps.count) { index throws(GradientError) -> LocalDrift? in
      if isInterrupted() { throw .interrupted }
      progress("local drift of \(steps.count) gradients: \(steps[index].name)")
      return Self.measure(steps[index], trace)
    }
    for (step, drift) in zip(steps, measured) {
      drifts[step.name] = drift ?? LocalDrift(nothingClaimedOf: trace[step.name])
      if drift == nil { unjudged.append(step.name.description) }
    }
  }

  /// The drift of the gradient that `step` gave; `nil` where the layer's attributes cannot say what the step does.
  private static func measure(_ step: BackwardStep, _ trace: GradientTrace) -> LocalDrift? {
    let output = trace[step.name]
    let source = BackwardCase.make(
      step, activations: step.activations.map { trace[$0] }, gradients: step.gradients.map { trace[$0] },
      tokens: trace.tokens, targets: trace.targets, incoming: trace.incoming)
    guard let source, let input = try? CheckedCase(source) else { return nil }
    var judge = CaseJudge(input)
    return try? judge.judge(output.reshaped(input.outputShape))
  }
}
