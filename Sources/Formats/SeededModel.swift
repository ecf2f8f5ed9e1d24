import PlumbModel

/// A small model whose weights are drawn from a seed: Llama-shaped, two blocks, bytes for tokens.
///
/// It has learned nothing; tests want numbers that no training can change. Its bits are the same on
/// every machine: the generator is SplitMix64, and each weight takes one exact conversion, one exact scaling by a power
/// of two and, in the normalisations, one correctly rounded addition.
package enum SeededModel {
  /// The name of the model.
  package static let name = "plumb-tiny (seeded weights, untrained)"
  /// The seed of the weights.
  package static let seed: UInt64 = 0x706c_756d_626c_696e

  /// The model.
  package static let transformer: Transformer = {
    var source = SeededTensors(seed: seed)
    let embedding = source.matrix("token_embd.weight", 256, hidden)
    let blocks = (0..<2).map { source.block("blk.\($0)") }
    return Transformer(
      name: name, contextLength: 512, stem: Stem(tokens: EmbeddingLayer(weight: embedding)), blocks: blocks,
      head: Head(
        norm: .rms(source.norm("output_norm")),
        unembedding: LinearLayer(weight: source.matrix("output.weight", 256, hidden))))
  }()

  private static let hidden = 64
  private static let heads = 4
  private static let keyValueHeads = 2
  private static let headSize = 16
  private static let feedForward = 160

  /// Tensors filled in the order in which they are asked for.
  private struct SeededTensors {
    private var generator: SplitMix64

    init(seed: UInt64) { generator = SplitMix64(seed: seed) }

    mutating func block(_ name: String) -> Block {
      let (queries, keys) = (heads * headSize, keyValueHeads * headSize)
      return Block(
        attentionNorm: norm("\(name).attn_norm"),
        attention: AttentionMixer(
          query: LinearLayer(weight: matrix("\(name).attn_q.weight", queries, hidden)),
          key: LinearLayer(weight: matrix("\(name).attn_k.weight", keys, hidden)),
          value: LinearLayer(weight: matrix("\(name).attn_v.weight", keys, hidden)),
          rotary: RotaryEmbeddingLayer(rotatedSize: headSize, theta: 10_000, pairing: .adjacent),
          attention: AttentionLayer(heads: heads, keyValueHeads: keyValueHeads, headSize: headSize),
          output: LinearLayer(weight: matrix("\(name).attn_output.weight", hidden, queries))),
        feedForwardNorm: norm("\(name).ffn_norm"),
        feedForward: GatedFeedForwardLayer(
          gate: LinearLayer(weight: matrix("\(name).ffn_gate.weight", feedForward, hidden)),
          up: LinearLayer(weight: matrix("\(name).ffn_up.weight", feedForward, hidden)),
          down: LinearLayer(weight: matrix("\(name).ffn_down.weight", hidden, feedForward))))
    }

    /// Uniform in [−1/4, 1/4): of about the variance 1/inputs that keeps activations near 1.
    mutating func matrix(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
      tensor(name, [rows, columns]) { $0 * 0x1p-24 }
    }

    /// Uniform in [7/8, 9/8).
    mutating func norm(_ name: String) -> RMSNormLayer {
      RMSNormLayer(weight: tensor("\(name).weight", [hidden]) { 1 + $0 * 0x1p-25 }, epsilon: 0x1p-17)
    }

    /// Elements made from the upper 23 bits of each draw, as an integer from −2^22 up to 2^22: exact in binary32.
    private mutating func tensor(_ name: String, _ shape: [Int], _ element: (Float) -> Float) -> Tensor {
      let values = (0..<shape.reduce(1, *)).map { _ in
        element(Float(Int(generator.next() >> 41) - (1 << 22)))
      }
      guard let tensor = Tensor(name: name, type: .f32, shape: shape, bytes: WeightArray(values)) else {
        preconditionFailure("an array of as many elements as its shape has always makes a tensor")
      }
      return tensor
    }
  }
}
