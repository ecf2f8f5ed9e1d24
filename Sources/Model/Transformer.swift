/// A transformer as data: what a pass meets, with its weights, and nothing of the family that it comes from.
///
/// Immutable; any number of passes may share one. The maker of one has checked that the shapes agree (see
/// `Transformer.shapeErrors`). A model that differs in a detail is made of edited parts.
package struct Transformer: Sendable {
  /// The name by which people know the model.
  package let name: String
  /// The greatest number of tokens that the model was made for.
  package let contextLength: Int
  /// Before the blocks.
  package let stem: Stem
  /// The blocks, first to last.
  package let blocks: [Block]
  /// After the blocks.
  package let head: Head
  /// The steps of a pass.
  package let plan: Plan

  /// Makes a transformer from its parts.
  package init(name: String, contextLength: Int, stem: Stem, blocks: [Block], head: Head) {
    self.name = name
    self.contextLength = contextLength
    self.stem = stem
    self.blocks = blocks
    self.head = head
    plan = Plan(stem, blocks, head)
  }

  /// The number of elements that stand for a token between blocks.
  package var hiddenSize: Int { stem.tokens.weight.columns }
  /// The number of tokens in the vocabulary.
  package var vocabularySize: Int { stem.tokens.weight.rows }

  /// Whether it gives the distribution of the next token; an encoder gives a row for each token instead.
  package var isDecoder: Bool { head.unembedding != nil }
  /// Whether no token sees one behind it, so that a text may be read piece by piece.
  package var isCausal: Bool {
    plan.blocks.indices.allSatisfy { plan.attention(inBlock: $0)?.isCausal ?? true }
  }

  /// The activation that holds a row for each token behind all blocks.
  package var rows: ActivationName {
    let end = ActivationName(.finalNorm)
    return plan[end] == nil ? plan.streams[blocks.count] : end
  }

  /// Every tensor of weights, each once, in the order in which a pass meets them.
  package var tensors: [Tensor] {
    var seen = Set<String>()
    return plan.steps.flatMap(\.operation.tensors).filter { seen.insert($0.name).inserted }
  }
}
