package import PlumbModel
import PlumbTolerance

/// One activation of a dump, brought into the shape that a pass has it in.
struct DumpedTensor: Sendable {
  /// The tensor's own name in the dump.
  let tensor: String
  /// The format of its elements.
  let storage: FloatFormat
  /// The numbers.
  var activation: Activation<Float>
  /// Whether the dump has Float64s that no Float32 is; they were rounded.
  var isRounded = false

  /// The name of the format in the file.
  var storageName: String { isRounded ? "f64" : storage.name }
}

extension ActivationName {
  /// The extents of the activation in a pass of `transformer` over `tokens` tokens.
  package func shape(in transformer: Transformer, tokens: Int) -> [Int] {
    let attention = transformer.attention
    switch role {
    case .embedding, .attentionNorm, .attentionOutput, .attentionResidual, .feedForwardNorm, .down,
      .feedForwardResidual, .finalNorm:
      return [tokens, transformer.hiddenSize]
    case .query, .rotatedQuery, .attentionValues: return [tokens, attention.heads, attention.headSize]
    case .key, .value, .rotatedKey: return [tokens, attention.keyValueHeads, attention.headSize]
    case .attentionScores, .attentionWeights: return [attention.heads, tokens, tokens]
    case .gate, .up, .activatedGate, .gatedUp:
      return [tokens, block.map { transformer.blocks[$0].feedForward.gate.weight.rows } ?? 0]
    case .logits, .probabilities: return [1, transformer.unembedding.weight.rows]
    }
  }

  /// The names of the extents.
  var axes: String {
    switch role {
    case .query, .rotatedQuery, .attentionValues: "[tokens, heads, headSize]"
    case .key, .value, .rotatedKey: "[tokens, keyValueHeads, headSize]"
    case .attentionScores, .attentionWeights: "[heads, tokens, tokens]"
    case .gate, .up, .activatedGate, .gatedUp: "[tokens, feedForward]"
    case .logits, .probabilities: "[1, vocabulary]"
    default: "[tokens, hidden]"
    }
  }

  /// Whether the activation exists in a pass of `transformer`.
  func exists(in transformer: Transformer) -> Bool {
    let outside: Set<Role> = [.embedding, .finalNorm, .logits, .probabilities]
    guard let block else { return outside.contains(role) }
    return !outside.contains(role) && transformer.blocks.indices.contains(block)
  }

  /// Every activation of a pass of `transformer`, in its order.
  static func all(in transformer: Transformer) -> [ActivationName] {
    let outside: Set<Role> = [.embedding, .finalNorm, .logits, .probabilities]
    let inside = Role.allCases.filter { !outside.contains($0) }
    return [ActivationName(.embedding)]
      + transformer.blocks.indices.flatMap { block in inside.map { ActivationName(block: block, $0) } }
      + [ActivationName(.finalNorm), ActivationName(.logits), ActivationName(.probabilities)]
  }
}
