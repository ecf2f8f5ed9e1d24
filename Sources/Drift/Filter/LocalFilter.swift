import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference

/// Decides the activations of a traced pass by Float64 arithmetic whose every error is bounded, each on the inputs that the
/// engine gave its layer; the exact path looks at the few elements that it leaves open, and at those that a report names.
///
/// Verdicts are those of the exact path, and so is every number of the drift.
struct LocalFilter: Sendable {
  let transformer: Transformer
  let trace: EngineTrace
  /// The cosine and the sine of each position's angles; `nil` where they are not needed, or not defined.
  let turns: RotaryTurns?

  init(_ transformer: Transformer, _ trace: EngineTrace) {
    self.transformer = transformer
    self.trace = trace
    turns = RotaryTurns(transformer.rotary, positions: trace.tokens.count, headSize: transformer.attention.headSize)
  }

  /// The drift of the activation `name`, and the number of elements that the exact path looked at for it; `nil` where it must
  /// look at all of them.
  func measure(_ name: ActivationName) throws(DriftError) -> (drift: LocalDrift, exact: Int)? {
    let engine = trace[name.role, in: name.block]
    var survey = LocalSurvey(engine)
    guard fill(&survey, name), let median = survey.median, let places = survey.places(median) else { return nil }
    let selection = ExactSelection(transformer: transformer, trace: trace, turns: turns, name: name)
    guard let resolved = try selection.resolve(places) else { return nil }
    return (survey.drift(resolved, median), places.count)
  }

  /// What is known of each element of `name`.
  ///
  /// - Returns: false where nothing is known, for instance because an input is not finite.
  private func fill(_ survey: inout LocalSurvey, _ name: ActivationName) -> Bool {
    func input(_ role: ActivationName.Role) -> Activation<Float> { trace[role, in: name.block] }
    guard let index = name.block else {
      let last = transformer.blocks.count - 1
      switch name.role {
      case .embedding: return Filter.survey(&survey, embedding: trace.tokens, transformer.embedding)
      case .finalNorm: return Filter.survey(&survey, rmsNorm: blockInput(last + 1), transformer.finalNorm)
      case .logits:
        return Filter.survey(&survey, linear: lastRow(of: input(.finalNorm)), transformer.unembedding)
      case .probabilities: return Filter.survey(&survey, softmax: input(.logits), nil)
      default: return false
      }
    }
    let (block, attention) = (transformer.blocks[index], transformer.attention)
    switch name.role {
    case .attentionNorm: return Filter.survey(&survey, rmsNorm: blockInput(index), block.attentionNorm)
    case .query: return Filter.survey(&survey, linear: input(.attentionNorm), block.query)
    case .key: return Filter.survey(&survey, linear: input(.attentionNorm), block.key)
    case .value: return Filter.survey(&survey, linear: input(.attentionNorm), block.value)
    case .rotatedQuery: return Filter.survey(&survey, rotaryEmbedding: input(.query), transformer.rotary, turns)
    case .rotatedKey: return Filter.survey(&survey, rotaryEmbedding: input(.key), transformer.rotary, turns)
    case .attentionScores:
      return Filter.survey(&survey, attentionScores: input(.rotatedQuery), input(.rotatedKey), attention)
    case .attentionWeights: return Filter.survey(&survey, softmax: input(.attentionScores), attention)
    case .attentionValues:
      return Filter.survey(&survey, attentionValues: input(.attentionWeights), input(.value), attention)
    case .attentionOutput:
      let values = input(.attentionValues)
      return Filter.survey(
        &survey, linear: values.reshaped([values.shape[0], block.output.weight.columns]), block.output)
    case .attentionResidual: return Filter.survey(&survey, sum: blockInput(index), input(.attentionOutput))
    case .feedForwardNorm: return Filter.survey(&survey, rmsNorm: input(.attentionResidual), block.feedForwardNorm)
    case .gate: return Filter.survey(&survey, linear: input(.feedForwardNorm), block.feedForward.gate)
    case .up: return Filter.survey(&survey, linear: input(.feedForwardNorm), block.feedForward.up)
    case .activatedGate: return Filter.survey(&survey, silu: input(.gate))
    case .gatedUp: return Filter.survey(&survey, product: input(.activatedGate), input(.up))
    case .down: return Filter.survey(&survey, linear: input(.gatedUp), block.feedForward.down)
    case .feedForwardResidual: return Filter.survey(&survey, sum: input(.attentionResidual), input(.down))
    case .embedding, .finalNorm, .logits, .probabilities: return false
    }
  }

  /// What enters the block `index`: the output of the one before, or the embedding.
  private func blockInput(_ index: Int) -> Activation<Float> {
    index == 0 ? trace[.embedding] : trace[.feedForwardResidual, in: index - 1]
  }

  private func lastRow(of x: Activation<Float>) -> Activation<Float> {
    Activation<Float>(shape: [1, x.columns], elements: Array(x.row(x.rows - 1)))
  }
}
