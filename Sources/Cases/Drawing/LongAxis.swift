import PlumbModel

/// One axis of a case that is far longer than the others, so that the second block or the rest of a vector of a kernel runs.
struct LongAxis {
  /// One case in so many has one.
  static let oneIn = 50

  /// The name of its extent.
  let name: String
  /// The number of its indices.
  let extent: Int

  /// Draws an axis of `layer` among `names`: 127 to 1,025 indices, of the cheaper layers now and then about 4,096.
  ///
  /// Lengths are those of vectors, half of them powers of two, and one more or less.
  ///
  /// *Edge cases*: `nil` where there is no axis that may be long.
  init?(_ layer: LayerKind, among names: [String], using source: inout SeededSource) {
    let sharesHeads = names.contains("keyValueHeads")
    let candidates = names.filter { name in
      switch name {
      // Heads of queries come with those of keys and values.
      case "keyValueHeads": false
      case "heads": !sharesHeads
      // As many positions would come with them, and scores that are their product.
      case "tokens": !sharesHeads
      // The size of a head tells them.
      case "pairs": false
      // As many experts would come with them.
      case "chosen": false
      default: true
      }
    }
    guard let name = candidates.randomElement(using: &source) else { return nil }
    self.name = name
    let power = 128 << Int.random(in: 0...3, using: &source)
    let edge = source.oneIn(2) ? power : 16 * Int.random(in: 8...64, using: &source)
    let isLongest = source.oneIn(8) && !Self.isExpensive(layer)
    let length = (isLongest ? 4096 : edge) + Int.random(in: -1...1, using: &source)
    // A head is made of pairs.
    extent = name == "headSize" ? length & ~1 : length
  }

  /// Whether the exact path takes long for each element.
  private static func isExpensive(_ layer: LayerKind) -> Bool {
    switch layer {
    case .attention, .sinkAttention, .attentionScores, .clampedGate, .block, .feedForward, .gatedFeedForward, .gelu,
      .rotaryEmbedding, .sampling,
      .attentionQueryBackward, .attentionKeyBackward, .attentionValueBackward, .gatedFeedForwardBackward, .geluBackward,
      .rotaryEmbeddingBackward, .crossEntropyBackward, .unembeddingBackward, .unembeddingWeightBackward,
      .attentionSinksBackward, .router, .experts, .expertsBackward, .expertsWeightsBackward, .clampedGateBackward,
      .clampedGateUpBackward, .routerBackward:
      true
    default: false
    }
  }
}
