import PlumbLayers
import PlumbModel

extension Plantable where Self: AttentionBackward {
  /// The bugs of the weights, which every gradient of an attention needs.
  static var bugsOfWeights: [Bug<Self>] {
    [
      mutant("mask-ignored", "Every position is seen backwards.") {
        $0.gradients.attention.scores.seen = { _, positions in 0..<positions }
      },
      mutant("first-position-skipped", "The first position that is seen has no gradient.") {
        $0.gradients.seen = { seen, _ in seen.dropFirst() }
      },
      mutant("last-position-skipped", "The last position that is seen has no gradient.") {
        $0.gradients.seen = { seen, _ in seen.dropLast() }
      },
      mutant("weights-in-bf16", "The weights are kept in bfloat16.") {
        $0.gradients.attention.softmax.round = { $0.rounded(to: .bfloat16) }
      },
      mutant("scores-in-bf16", "The scores are kept in bfloat16.") {
        $0.gradients.attention.scores.round = { $0.rounded(to: .bfloat16) }
      },
      mutant("heads-modulo", "Query heads take those of keys in turn.") {
        $0.gradients.attention.scores.keyHead = { head, _, keyHeads in head % keyHeads }
        $0.gradients.attention.values.valueHead = { head, _, keyHeads in head % keyHeads }
      },
      mutant("sink-forgotten", "The sinks are forgotten.") { $0.gradients.attention.softmax.sink = nil },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }

  /// The bugs of the sum of weights and their gradients.
  static var bugsOfSums: [Bug<Self>] {
    [
      mutant("sum-forgotten", "The sum of weights and gradients is not subtracted.") {
        $0.gradients.sum = { weights, _ in weights.number(0) }
      },
      mutant("sum-added", "The sum of weights and gradients is added.") { $0.gradients.sum = { -$0.dot($1) } },
      mutant("sum-in-bf16", "The sum of weights and gradients is kept in bfloat16.") {
        $0.gradients.sum = { $0.dot($1, in: .bfloat16) }
      },
    ]
  }

  /// The bugs of the scores' gradients, which those of queries and keys need.
  static var bugsOfScores: [Bug<Self>] {
    bugsOfSums + [
      mutant("weights-forgotten", "The difference is not multiplied by the weights.") {
        $0.gradients.difference = { $1 - $2 }
      },
      mutant("slope-forgotten", "The soft cap has no slope.") { $0.gradients.slope = { $0.parameter(1) } },
      mutant("tanh-not-squared", "The slope of tanh is taken to be 1 − tanh.") { $0.gradients.slope = { 1 - $0 } },
    ]
  }
}

extension AttentionQueryBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .attentionQueryBackward }

  static var bugs: [Bug<Self>] {
    bugsOfWeights + bugsOfScores + [
      mutant("scale-forgotten", "The gradient is not scaled.") { $0.isScaled = false }
    ]
  }
}

extension AttentionKeyBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .attentionKeyBackward }

  static var bugs: [Bug<Self>] {
    bugsOfWeights + bugsOfScores + [
      mutant("scale-forgotten", "The gradient is not scaled.") { $0.isScaled = false }
    ]
  }
}

extension AttentionValueBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .attentionValueBackward }

  static var bugs: [Bug<Self>] { bugsOfWeights }
}

extension AttentionSinksBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .attentionSinksBackward }

  static var bugs: [Bug<Self>] {
    bugsOfSums + [
      mutant("mask-ignored", "Every position is seen backwards.") {
        $0.gradients.attention.scores.seen = { _, positions in 0..<positions }
      },
      mutant("first-position-skipped", "The first position that is seen has no gradient.") {
        $0.gradients.seen = { seen, _ in seen.dropFirst() }
      },
      mutant("scores-in-bf16", "The scores are kept in bfloat16.") {
        $0.gradients.attention.scores.round = { $0.rounded(to: .bfloat16) }
      },
      mutant("heads-modulo", "Query heads take those of keys in turn.") {
        $0.gradients.attention.scores.keyHead = { head, _, keyHeads in head % keyHeads }
        $0.gradients.attention.values.valueHead = { head, _, keyHeads in head % keyHeads }
      },
      mutant("share-of-1", "The sink's weight is taken to be 1.") { $0.shares = { $0.parameter(1) } },
      mutant("share-squared", "The sink's weight is multiplied by itself.") { $0.shares = { $0 * $0 } },
      mutant("share-left", "What the sink leaves is taken for its weight.") { $0.shares = { 1 - $0 } },
      mutant("share-in-bf16", "The sink's weight is kept in bfloat16.") {
        $0.shares = { $0.rounded(to: .bfloat16) }
      },
      mutant("first-token-only", "The gradient of the first token is given.") {
        $0.counted = 0..<min($0.counted.count, 1)
      },
      mutant("last-token-skipped", "The last token is left out.") { $0.counted = 0..<max($0.counted.count - 1, 0) },
      mutant("mean-over-tokens", "The mean over tokens is given.") {
        $0.total = { $0.total / $0.number(Double(max($0.count, 1))) }
      },
      mutant("total-in-bf16", "The sums over tokens are kept in bfloat16.") { $0.total = { $0.total(in: .bfloat16) } },
      signFlipped, doubled, resultInBfloat16, truncated, rowTailSkipped, vectorTailSkipped,
    ]
  }
}
