import PlumbExact
import PlumbModel

extension Checks {
  /// What the activation `name` of the traced pass must be, from the trace's own inputs.
  ///
  /// - Returns: `nil` when an input is not finite, so that there is no exact value.
  static func expectation(
    of name: ActivationName, _ transformer: Transformer, _ trace: EngineTrace, precision: Int
  ) throws(EnclosureError) -> Expectation? {
    func input(_ role: ActivationName.Role) -> Activation<Float> { trace[role, in: name.block] }
    let attention = transformer.attention
    guard let index = name.block else {
      let last = transformer.blocks.count - 1
      switch name.role {
      case .embedding: return try embedding(trace.tokens, transformer.embedding)
      case .finalNorm:
        return try rmsNorm(blockInput(last + 1, trace), transformer.finalNorm, precision: precision)
      case .logits:
        return try linear(lastRow(of: input(.finalNorm)), transformer.unembedding, precision: precision)
      case .probabilities: return try softmax(input(.logits), precision: precision)
      default: preconditionFailure("'\(name)' stands in a block")
      }
    }
    let block = transformer.blocks[index]
    func heads(_ x: ActivationName.Role, _ layer: LinearLayer) throws(EnclosureError) -> Expectation? {
      try linear(input(x), layer, precision: precision)?.reshaped(input(name.role).shape)
    }
    switch name.role {
    case .attentionNorm: return try rmsNorm(blockInput(index, trace), block.attentionNorm, precision: precision)
    case .query: return try heads(.attentionNorm, block.query)
    case .key: return try heads(.attentionNorm, block.key)
    case .value: return try heads(.attentionNorm, block.value)
    case .rotatedQuery: return try rotaryEmbedding(input(.query), transformer.rotary, precision: precision)
    case .rotatedKey: return try rotaryEmbedding(input(.key), transformer.rotary, precision: precision)
    case .attentionScores:
      return try attentionScores(input(.rotatedQuery), input(.rotatedKey), attention, precision: precision)
    case .attentionWeights: return try softmax(input(.attentionScores), attention, precision: precision)
    case .attentionValues:
      return try attentionValues(input(.attentionWeights), input(.value), attention, precision: precision)
    case .attentionOutput:
      let values = input(.attentionValues)
      return try linear(
        values.reshaped([values.shape[0], block.output.weight.columns]), block.output, precision: precision)
    case .attentionResidual:
      return residualAdd(blockInput(index, trace), input(.attentionOutput), precision: precision)
    case .feedForwardNorm: return try rmsNorm(input(.attentionResidual), block.feedForwardNorm, precision: precision)
    case .gate: return try linear(input(.feedForwardNorm), block.feedForward.gate, precision: precision)
    case .up: return try linear(input(.feedForwardNorm), block.feedForward.up, precision: precision)
    case .activatedGate: return silu(input(.gate), precision: precision)
    case .gatedUp: return gate(input(.activatedGate), input(.up), precision: precision)
    case .down: return try linear(input(.gatedUp), block.feedForward.down, precision: precision)
    case .feedForwardResidual: return residualAdd(input(.attentionResidual), input(.down), precision: precision)
    case .embedding, .finalNorm, .logits, .probabilities: preconditionFailure("'\(name)' stands in no block")
    }
  }

  /// Which elements of the activation `name` hold a value; `nil` when all do.
  static func holdsValue(
    _ name: ActivationName, shape: [Int], _ transformer: Transformer
  ) -> (@Sendable (Int) -> Bool)? {
    guard name.role == .attentionScores else { return nil }
    let attention = transformer.attention
    let (tokens, positions) = (shape[1], shape[2])
    return { attention.allows(query: $0 / positions % tokens, key: $0 % positions) }
  }

  /// What enters the block `index`: the output of the one before, or the embedding.
  private static func blockInput(_ index: Int, _ trace: EngineTrace) -> Activation<Float> {
    index == 0 ? trace[.embedding] : trace[.feedForwardResidual, in: index - 1]
  }

  private static func lastRow(of x: Activation<Float>) -> Activation<Float> {
    Activation<Float>(shape: [1, x.columns], elements: Array(x.row(x.rows - 1)))
  }
}
