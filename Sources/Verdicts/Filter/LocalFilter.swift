import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference

/// Decides the activations of a traced pass by Float64 arithmetic whose every error is bounded, each on the inputs that the
/// engine gave its layer; the exact path looks at the few elements that it leaves open, and at those that a report names.
///
/// Verdicts are those of the exact path, and so is every number of the drift.
struct LocalFilter: Sendable {
  let plan: Plan
  let trace: EngineTrace
  /// The cosine and the sine of each position's angles; none where they are not needed, or not defined.
  private let turns: [RotaryEmbeddingLayer: RotaryTurns]

  init(_ transformer: Transformer, _ trace: EngineTrace) {
    plan = transformer.plan
    self.trace = trace
    var turns: [RotaryEmbeddingLayer: RotaryTurns] = [:]
    for step in plan.steps {
      guard case .rotaryEmbedding(let layer) = step.operation, turns[layer] == nil else { continue }
      let headSize = step.shape(tokens: 1).last ?? 0
      turns[layer] = RotaryTurns(layer, positions: trace.tokens.count, headSize: headSize)
    }
    self.turns = turns
  }

  /// The drift of the activation `name`, and the number of elements that the exact path looked at for it; `nil` where it must
  /// look at all of them.
  func measure(_ name: ActivationName) -> (drift: LocalDrift, exact: Int)? {
    guard let step = plan[name] else { return nil }
    let engine = trace[name]
    let inputs = step.inputs.map { trace[$0] }
    let selection = ExactSelection(step: step, inputs: inputs, engine: engine, tokens: trace.tokens, turns: turns)
    let surveyed = LocalSurvey.drift(of: engine) { survey in
      fill(&survey, step, inputs)
    } resolve: { places in
      selection.parts(places).resolve(engine)
    }
    return surveyed.map { ($0.drift, $0.resolved.count) }
  }

  /// Fills `survey` with the elements that `step` gives.
  ///
  /// - Returns: false where nothing is known, for instance because an input is not finite.
  private func fill(_ survey: inout LocalSurvey, _ step: Step, _ inputs: [Activation<Float>]) -> Bool {
    let inputs = step.taken(inputs)
    func input(_ index: Int = 0) -> Activation<Float> { step.operation.arranged(inputs[index]) }
    switch step.operation {
    case .embedding(let layer): return Filter.survey(&survey, embedding: trace.tokens, layer)
    case .rmsNorm(let layer): return Filter.survey(&survey, rmsNorm: input(), layer)
    case .linear(let layer), .unembedding(let layer, nil): return Filter.survey(&survey, linear: input(), layer)
    case .rotaryEmbedding(let layer):
      return Filter.survey(&survey, rotaryEmbedding: input(), layer, turns[layer])
    case .attentionScores(let layer): return Filter.survey(&survey, attentionScores: input(0), input(1), layer)
    case .softmax(let layer): return Filter.survey(&survey, softmax: input(), layer)
    case .attentionValues(let layer): return Filter.survey(&survey, attentionValues: input(0), input(1), layer)
    case .residualAdd: return Filter.survey(&survey, sum: input(0), input(1))
    case .scale(let layer): return Filter.survey(&survey, scale: input(), layer)
    case .activation(.silu): return Filter.survey(&survey, silu: input())
    case .gate: return Filter.survey(&survey, product: input(0), input(1))
    case .expertSum:
      guard Filter.isFinite(inputs[0].elements) else { return false }
      let sum = ExpertSum(of: inputs[0], inputs[1])
      return Filter.survey(&survey, attentionValues: sum.weights, sum.values, sum.layer)
    case .clampedGate(let layer): return Filter.survey(&survey, clampedGate: input(0), input(1), layer)
    case .learnedPosition, .layerNorm, .activation, .clamp, .unembedding, .router, .expertLinear: return false
    }
  }
}
