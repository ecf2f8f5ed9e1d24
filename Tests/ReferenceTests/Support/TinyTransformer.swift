import PlumbModel

/// The two transformers of `TransformerTable`: two blocks, hidden size 16, four heads on two of keys and values, a
/// feed-forward size of 24, 32 tokens.
///
/// Weights are drawn in the order in which a pass meets them, each matrix followed by its bias.
enum TinyTransformer {
  static let tokens = [3, 17, 9, 30, 3]

  /// Heads of 4, all of it turned in adjacent pairs, the unembedding tied to the embedding, no bias.
  static func adjacentTied() throws -> Transformer {
    try make(seed: 1, headSize: 4, theta: 10000, epsilon: 1e-5, pairing: .adjacent, isTied: true, hasBias: false)
  }

  /// Heads of 6, four elements of which are turned in split pairs, an unembedding of its own, biases at the queries, keys,
  /// values and at the unembedding.
  static func halfSplitUntied() throws -> Transformer {
    try make(seed: 2, headSize: 6, theta: 500, epsilon: 1e-6, pairing: .halfSplit, isTied: false, hasBias: true)
  }

  private static func make(
    seed: UInt64, headSize: Int, theta: Float, epsilon: Float, pairing: RotaryEmbeddingLayer.Pairing, isTied: Bool,
    hasBias: Bool
  ) throws -> Transformer {
    let (hidden, feedForward, vocabulary) = (16, 24, 32)
    let attention = AttentionLayer(heads: 4, keyValueHeads: 2, headSize: headSize)
    var input = TableInput(seed: seed)
    func matrix(_ name: String, _ rows: Int, _ columns: Int) throws -> Tensor {
      try weights(name, [rows, columns], input.vector(rows * columns))
    }
    func linear(_ name: String, _ rows: Int, _ columns: Int, bias: Bool = false) throws -> LinearLayer {
      let weight = try matrix(name, rows, columns)
      return LinearLayer(weight: weight, bias: bias ? try weights(name + ".bias", [rows], input.vector(rows)) : nil)
    }
    func norm(_ name: String) throws -> RMSNormLayer {
      RMSNormLayer(weight: try weights(name, [hidden], input.vector(hidden, plus: 1)), epsilon: epsilon)
    }
    let embedding = try matrix("embedding", vocabulary, hidden)
    let blocks = try (0..<2).map { block in
      let attentionNorm = try norm("\(block).attention-norm")
      let query = try linear("\(block).query", 4 * headSize, hidden, bias: hasBias)
      let key = try linear("\(block).key", 2 * headSize, hidden, bias: hasBias)
      let value = try linear("\(block).value", 2 * headSize, hidden, bias: hasBias)
      let output = try linear("\(block).output", hidden, 4 * headSize)
      let feedForwardNorm = try norm("\(block).feed-forward-norm")
      let gate = try linear("\(block).gate", feedForward, hidden)
      let up = try linear("\(block).up", feedForward, hidden)
      let down = try linear("\(block).down", hidden, feedForward)
      return Block(
        attentionNorm: attentionNorm,
        attention: AttentionMixer(
          query: query, key: key, value: value,
          rotary: RotaryEmbeddingLayer(rotatedSize: 4, theta: theta, pairing: pairing), attention: attention,
          output: output), feedForwardNorm: feedForwardNorm,
        feedForward: GatedFeedForwardLayer(gate: gate, up: up, down: down))
    }
    let finalNorm = try norm("final-norm")
    let unembedding =
      isTied ? LinearLayer(weight: embedding) : try linear("unembedding", vocabulary, hidden, bias: hasBias)
    return Transformer(
      name: "tiny", contextLength: 16, stem: Stem(tokens: EmbeddingLayer(weight: embedding)), blocks: blocks,
      head: Head(norm: .rms(finalNorm), unembedding: unembedding))
  }
}
