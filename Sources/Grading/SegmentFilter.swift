import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// A segment of one step by Float64 alone: error-tracking arithmetic encloses the exact value as it bounds the error.
///
/// Its bounds are those that the exact path has. A segment of several steps is the exact path's: there the enclosures of balls keep
/// the bounds of the later steps narrow.
extension SegmentPass {
  /// The drift of `activation` at the end of `segment`; `nil` where the exact path must decide all of it.
  func survey(_ activation: Activation<Float>, _ segment: Segment) throws(EnclosureError) -> LocalDrift? {
    guard segment.between.isEmpty, let dumped = dump.tensors[segment.end] else { return nil }
    let step = transformer.plan.step(segment.end)
    var inputs: [Beginning] = []
    for name in step.inputs {
      guard let input = read(name) else { return nil }
      inputs.append(input)
    }
    guard let tracked = try tracked(step, inputs) else { return nil }
    let survey = KernelSurvey(
      step, inputs.map(\.numbers), tokens: dump.tokens, tracked: tracked,
      holdsValue: Checks.holdsValue(step, shape: tracked.shape))
    let (format, isRounded) = (dumped.storage, isRoundedFurther(dumped))
    return survey.drift(of: activation) { reach in
      guard isRounded else { return 0 }
      return reach <= format.greatest ? format.spacing(atMagnitude: reach) / 2 : nil
    } exactRounding: { reach in
      rounding(to: dumped, at: reach)
    }
  }

  /// The result of `step`; `nil` where it is read off the weights.
  private func tracked(_ step: Step, _ inputs: [Beginning]) throws(EnclosureError) -> Activation<Tracked>? {
    switch step.operation {
    case .embedding: return nil
    case .linear(let layer): return try product(step, inputs[0], layer).reshaped(step.shape(tokens: dump.tokens.count))
    case .unembedding(let layer): return try product(step, inputs[0], layer)
    default:
      return try step.forward(inputs.map(\.tracked), tokens: dump.tokens, in: model, reading: parameters)
    }
  }

  private func product(
    _ step: Step, _ input: Beginning, _ layer: LinearLayer
  ) throws(EnclosureError) -> Activation<Tracked> {
    try product(step.operation.arranged(input.numbers), step.operation.arranged(input.tracked), layer)
  }
}
