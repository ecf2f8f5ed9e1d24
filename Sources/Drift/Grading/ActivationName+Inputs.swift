package import PlumbModel

extension ActivationName {
  /// What the activation is computed from, in a pass of `transformer`; the embedding from the tokens alone.
  package func inputs(in transformer: Transformer) -> [ActivationName] {
    func here(_ roles: Role...) -> [ActivationName] { roles.map { ActivationName(block: block, $0) } }
    // What enters a block: the output of the one before, or the embedding.
    func entering(_ index: Int) -> ActivationName {
      index == 0 ? ActivationName(.embedding) : ActivationName(block: index - 1, .feedForwardResidual)
    }
    switch role {
    case .embedding: return []
    case .attentionNorm: return [entering(block ?? 0)]
    case .query, .key, .value: return here(.attentionNorm)
    case .rotatedQuery: return here(.query)
    case .rotatedKey: return here(.key)
    case .attentionScores: return here(.rotatedQuery, .rotatedKey)
    case .attentionWeights: return here(.attentionScores)
    case .attentionValues: return here(.attentionWeights, .value)
    case .attentionOutput: return here(.attentionValues)
    case .attentionResidual: return [entering(block ?? 0)] + here(.attentionOutput)
    case .feedForwardNorm: return here(.attentionResidual)
    case .gate, .up: return here(.feedForwardNorm)
    case .activatedGate: return here(.gate)
    case .gatedUp: return here(.activatedGate, .up)
    case .down: return here(.gatedUp)
    case .feedForwardResidual: return here(.attentionResidual, .down)
    case .finalNorm: return [entering(transformer.blocks.count)]
    case .logits: return [ActivationName(.finalNorm)]
    case .probabilities: return [ActivationName(.logits)]
    }
  }
}
