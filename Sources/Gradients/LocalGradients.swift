import PlumbBounds
import PlumbEngine
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbReference
import PlumbTolerance
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

  /// The drift of the gradient that `step` gave, or of another `output` of it; `nil` where the layer's attributes cannot say what the step
  /// does.
  static func measure(
    _ step: BackwardStep, _ trace: GradientTrace, output: Activation<Float>? = nil
  ) -> LocalDrift? {
    let output = output ?? trace[step.name]
    let source = BackwardCase.make(
      step, activations: step.activations.map { trace[$0] }, gradients: step.gradients.map { trace[$0] },
      tokens: trace.tokens, targets: trace.targets, incoming: trace.incoming)
    guard let source else { return formula(of: step, trace, output: output) }
    guard let input = try? CheckedCase(source) else { return nil }
    var judge = CaseJudge(input)
    return try? judge.judge(output.reshaped(input.outputShape))
  }

  /// The drift from the step's own formula, within its bounds in the engine's arithmetic, or those of the engine's own accuracy.
  private static func formula(
    of step: BackwardStep, _ trace: GradientTrace, output: Activation<Float>
  ) -> LocalDrift {
    if case .rotaryEmbedding(let layer) = step.operation {
      return LocalMeasurement.decide(output) { precision throws(EnclosureError) in
        try Checks.rotaryEmbeddingBackward(trace[step.gradients[0]], layer, precision: precision)
      }
    }
    let inputs = step.activations.map { trace[$0] } + [trace.incoming]
    guard (inputs + step.gradients.map { trace[$0] }).allSatisfy({ $0.elements.allSatisfy(\.isFinite) }) else {
      return LocalDrift(nothingClaimedOf: output)
    }
    func result<Context: ArithmeticContext>(in context: Context) -> Activation<Context.Number> {
      func read(_ x: Activation<Float>) -> Activation<Context.Number> { x.map { context.read($0) } }
      return step.backward(
        step.activations.map { read(trace[$0]) }, step.gradients.map { read(trace[$0]) }, tokens: trace.tokens,
        targets: trace.targets, incoming: read(trace.incoming), in: context,
        reading: { read(Activation(shape: $0.shape, elements: Engine.decoded($0))) }
      ).reshaped(output.shape)
    }
    let tracked = result(in: ArithmeticModel.declared).map(\.certain)
    return LocalMeasurement.decide(output) { precision throws(EnclosureError) in
      try Expectation(exact: result(in: BallContext(precision: precision)), tracked: tracked)
    }
  }
}
