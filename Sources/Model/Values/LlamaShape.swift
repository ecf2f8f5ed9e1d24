/// The extents of a decoder of the Llama family: pre-norms by root mean square, grouped queries turned by their position, a gated
/// feed-forward layer, and an unembedding of its own.
package struct LlamaShape: Sendable, Hashable, Codable {
  /// The number of tokens in the vocabulary.
  package var vocabulary: Int
  /// The greatest number of tokens of a sequence.
  package var context: Int
  /// The number of blocks.
  package var blocks: Int
  /// The number of elements that stand for a token between blocks.
  package var width: Int
  /// The number of heads of a query.
  package var heads: Int
  /// The number of heads of a key and of a value.
  package var keyValueHeads: Int
  /// The number of elements within the feed-forward layer.
  package var feedForward: Int

  /// The base of the rotary angles.
  package static let theta: Float = 10_000
  /// The number that each normalisation adds to the mean of the squares.
  package static let epsilon: Float = 0x1p-17

  /// Makes the extents.
  package init(
    vocabulary: Int = 256, context: Int, blocks: Int, width: Int, heads: Int, keyValueHeads: Int, feedForward: Int
  ) {
    self.vocabulary = vocabulary
    self.context = context
    self.blocks = blocks
    self.width = width
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.feedForward = feedForward
  }

  /// The number of elements of a head.
  package var headSize: Int { width / max(heads, 1) }
  /// The number of elements of a key, and of a value.
  package var keyWidth: Int { headSize * keyValueHeads }

  /// The part that a tensor of weights plays.
  package enum Part: String, Sendable, Hashable, CaseIterable {
    case attentionNorm = "attn_norm"
    case query = "attn_q"
    case key = "attn_k"
    case value = "attn_v"
    case attentionOutput = "attn_output"
    case feedForwardNorm = "ffn_norm"
    case gate = "ffn_gate"
    case up = "ffn_up"
    case down = "ffn_down"
    case embedding = "token_embd"
    case finalNorm = "output_norm"
    case unembedding = "output"

    /// The matrices and weights of a block.
    package static let ofBlock: [Part] = [
      .attentionNorm, .query, .key, .value, .attentionOutput, .feedForwardNorm, .gate, .up, .down,
    ]
  }

  /// The shape of a tensor: `[rows, columns]` of a matrix, `[columns]` of a normalisation.
  package func shape(of part: Part) -> [Int] {
    switch part {
    case .attentionNorm, .feedForwardNorm, .finalNorm: [width]
    case .query, .attentionOutput: [width, width]
    case .key, .value: [keyWidth, width]
    case .gate, .up: [feedForward, width]
    case .down: [width, feedForward]
    case .embedding, .unembedding: [vocabulary, width]
    }
  }

  /// One tensor of weights in the array of all.
  package struct Parameter: Sendable, Hashable {
    /// The name in a GGUF file.
    package let name: String
    /// The part that it plays.
    package let part: Part
    /// The extents, outermost first.
    package let shape: [Int]
    /// The place of its first element in the array of all.
    package let offset: Int

    /// The number of elements.
    package var count: Int { shape.reduce(1, *) }
    /// The places of its elements.
    package var places: Range<Int> { offset..<offset + count }
  }

  /// Every tensor of weights, in the order of a pass: embedding, blocks, final norm and unembedding.
  package var parameters: [Parameter] {
    var (result, offset): ([Parameter], Int) = ([], 0)
    func add(_ part: Part, _ prefix: String = "") {
      let parameter = Parameter(
        name: "\(prefix)\(part.rawValue).weight", part: part, shape: shape(of: part), offset: offset)
      result.append(parameter)
      offset += parameter.count
    }
    add(.embedding)
    for block in 0..<blocks { for part in Part.ofBlock { add(part, "blk.\(block).") } }
    add(.finalNorm)
    add(.unembedding)
    return result
  }

  /// The transformer with the given tensors, one for each of `parameters` and of its shape.
  package func transformer(name: String, _ tensors: [Tensor]) -> Transformer {
    precondition(tensors.count == blocks * Part.ofBlock.count + 3, "\(tensors.count) tensors for \(blocks) blocks")
    func norm(_ tensor: Tensor) -> RMSNormLayer { RMSNormLayer(weight: tensor, epsilon: Self.epsilon) }
    let body = (0..<blocks).map { block -> Block in
      let own = Dictionary(
        uniqueKeysWithValues: Part.ofBlock.enumerated().map {
          ($0.element, tensors[1 + block * Part.ofBlock.count + $0.offset])
        })
      func tensor(_ part: Part) -> Tensor { own[part, default: tensors[0]] }
      return Block(
        attentionNorm: norm(tensor(.attentionNorm)),
        attention: AttentionMixer(
          query: LinearLayer(weight: tensor(.query)), key: LinearLayer(weight: tensor(.key)),
          value: LinearLayer(weight: tensor(.value)),
          rotary: RotaryEmbeddingLayer(rotatedSize: headSize, theta: Self.theta, pairing: .adjacent),
          attention: AttentionLayer(heads: heads, keyValueHeads: keyValueHeads, headSize: headSize),
          output: LinearLayer(weight: tensor(.attentionOutput))),
        feedForwardNorm: norm(tensor(.feedForwardNorm)),
        feedForward: GatedFeedForwardLayer(
          gate: LinearLayer(weight: tensor(.gate)), up: LinearLayer(weight: tensor(.up)),
          down: LinearLayer(weight: tensor(.down))))
    }
    return Transformer(
      name: name, contextLength: context, stem: Stem(tokens: EmbeddingLayer(weight: tensors[0])), blocks: body,
      head: Head(
        norm: .rms(norm(tensors[tensors.count - 2])),
        unembedding: LinearLayer(weight: tensors[tensors.count - 1])))
  }
}
