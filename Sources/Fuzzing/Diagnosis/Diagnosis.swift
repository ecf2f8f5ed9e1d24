public import PlumbDrift
import PlumbModel

/// Tries the bugs that a failing layer may have, and says which of them give what the dump has.
///
/// Each hypothesis computes the layer with its bug in Float64 on the dump's own inputs. It explains the dump where every
/// element lies within what rounding may do to a result of that size: the layer's own proved bound there, moved to the
/// size of what the bug gives. The verdict never rests on it; it ranks the hypotheses.
public struct Diagnosis {
  private let failure: GradeFailure
  private let patience: Duration

  /// Prepares the diagnosis of `failure`; pairs of bugs are tried for as long as there is `patience`.
  public init(_ failure: GradeFailure, patience: Duration = .seconds(20)) {
    self.failure = failure
    self.patience = patience
  }

  /// The cause with what explains it, and what nearly does.
  public func explanation() -> FirstCause {
    var cause = failure.cause
    guard let control = result(Hypothesis.right), failure.exact.count == control.elements.count else { return cause }
    var judged: [FirstCause.Explanation] = []
    // A bug that moves elements from row to row has errors of other rows' size, which is tried second; two bugs last.
    for scope in [Allowance.Scope.row, .tensor] where !judged.contains(where: { $0.margin <= 1 }) {
      let allowance = Allowance(failure, scope, control: control)
      judged = failure.steps.indices.flatMap { index in
        Hypothesis.all(of: failure.steps[index], in: failure.transformer).compactMap {
          judge($0, at: index, allowance)
        }
      }
    }
    if !judged.contains(where: { $0.margin <= 1 }) { judged += pairs(Allowance(failure, .row, control: control)) }
    judged.sort { ($0.margin, $0.mutant) < ($1.margin, $1.mutant) }
    cause.explanations = judged.filter { $0.margin <= 1 }
    cause.refuted = Array(judged.filter { $0.margin > 1 && $0.margin.isFinite }.prefix(5))
    return cause
  }

  /// Every two bugs of one step, for as long as there is patience.
  private func pairs(_ allowance: Allowance) -> [FirstCause.Explanation] {
    let start = ContinuousClock.now
    var judged: [FirstCause.Explanation] = []
    for (index, step) in failure.steps.enumerated() {
      let all = Hypothesis.all(of: step, in: failure.transformer)
      for (place, first) in all.enumerated() {
        for second in all[(place + 1)...] {
          guard ContinuousClock.now - start < patience else { return judged }
          guard let both = Hypothesis.both(first, second) else { continue }
          judged += judge(both, at: index, allowance).map { [$0] } ?? []
        }
      }
    }
    return judged
  }

  private func judge(
    _ hypothesis: Hypothesis, at index: Int, _ allowance: Allowance
  ) -> FirstCause.Explanation? {
    let output = result { step, values in
      step.name == failure.steps[index] ? hypothesis.output(step, values) : Hypothesis.right(step, values)
    }
    guard let output, let margin = allowance.margin(of: output) else { return nil }
    return FirstCause.Explanation(mutant: hypothesis.name, cause: hypothesis.cause, margin: margin)
  }

  /// The failing activation, where every step of the segment is computed by `compute`.
  private func result(
    _ compute: (DiagnosedStep, Hypothesis.Values) -> Activation<Float>?
  ) -> Activation<Float>? {
    var values: Hypothesis.Values = [:]
    for name in failure.known { values[name] = failure.dumped(name) }
    var last: Activation<Float>?
    for name in failure.steps {
      let step = DiagnosedStep(name: name, transformer: failure.transformer, tokens: failure.tokens)
      guard let output = compute(step, values) else { return nil }
      let shape = name.shape(in: failure.transformer, tokens: failure.tokens.count)
      guard output.elements.count == shape.reduce(1, *) else { return nil }
      last = output.reshaped(shape)
      values[name] = last
    }
    return last
  }
}
