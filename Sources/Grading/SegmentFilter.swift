import PlumbBounds
import PlumbExact
import PlumbLayers
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// A segment by Float64 alone: error-tracking arithmetic encloses the exact value as it bounds the error.
///
/// The bounds of one step are those that the exact path has. Of the segments of several steps it knows attention weights from
/// queries and keys, for dumps that lack scores: their bounds are a little greater than the exact path's, whose enclosures between the
/// steps are narrower, and as well proved. Other segments are the exact path's.
extension SegmentPass {
  /// The drift of `activation` at the end of `segment`; `nil` where the exact path must decide all of it.
  func survey(_ activation: Activation<Float>, _ segment: Segment) throws(EnclosureError) -> LocalDrift? {
    guard let dumped = dump.tensors[segment.end], let survey = try kernelSurvey(activation, segment) else { return nil }
    return survey.drift(of: activation) { reach in
      rounding(to: dumped, at: reach)
    } exactRounding: { reach in
      rounding(to: dumped, at: reach)
    }
  }

  private func kernelSurvey(
    _ activation: Activation<Float>, _ segment: Segment
  ) throws(EnclosureError) -> KernelSurvey? {
    let step = transformer.plan.step(segment.end)
    guard segment.between.isEmpty else { return try attentionWeights(segment) }
    guard let inputs = read(step.inputs), let tracked = try tracked(step, inputs) else { return nil }
    return KernelSurvey(
      step, inputs.map(\.numbers), activation, tokens: dump.tokens, tracked: tracked,
      holdsValue: Checks.holdsValue(step, shape: tracked.shape))
  }

  private func read(_ names: [ActivationName]) -> [Beginning]? {
    let inputs = names.compactMap { read($0) }
    return inputs.count == names.count ? inputs : nil
  }

  /// The result of `step`; `nil` where it is read off the weights.
  private func tracked(_ step: Step, _ inputs: [Beginning]) throws(EnclosureError) -> Activation<Tracked>? {
    switch step.operation {
    case .embedding, .router, .expertLinear, .expertSum: return nil
    case .linear where model.replaysSteps, .unembedding where model.replaysSteps: return nil
    case .linear(let layer): return try product(step, inputs[0], layer).reshaped(step.shape(tokens: dump.tokens.count))
    case .unembedding(let layer, nil): return try product(step, inputs[0], layer)
    case .unembedding(let layer, let cap?) where model.activations != nil:
      return capped(try product(step, inputs[0], layer), cap)
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
