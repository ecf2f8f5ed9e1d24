import PlumbModel

/// Layers and transformers of any size whose weights are made rather than trained: what an exact pass costs depends on their
/// sizes and hardly on their values.
enum SyntheticTransformer {
  /// A matrix of binary16 numbers of both signs and three binades, about 1/√columns in size, each a hash of `name` and its place.
  static func matrix(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
    var root = 1
    while root * root * 4 < columns { root *= 2 }
    // A binary16 number of exponent field e is about 2^(e − 15); the three are below 1/root.
    let field = UInt64(15 - root.trailingZeroBitCount - 3)
    var seed: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 2 * rows * columns) { buffer, count in
      for index in 0..<rows * columns {
        let mixed = SplitMix64.mixed(seed &+ UInt64(index) &* SplitMix64.step)
        let bits = mixed & 0x83FF | (field + mixed >> 32 % 3) << 10
        // Both lie within the capacity.
        unsafe buffer[2 * index] = UInt8(truncatingIfNeeded: bits)
        unsafe buffer[2 * index + 1] = UInt8(truncatingIfNeeded: bits >> 8)
      }
      count = 2 * rows * columns
    }
    guard let tensor = Tensor(name: name, type: .f16, shape: [rows, columns], bytes: WeightArray(bytes)) else {
      preconditionFailure("a tensor of \(rows) rows of \(columns) does not fit its bytes")
    }
    return tensor
  }

  /// A vector of ones.
  private static func ones(_ name: String, _ count: Int) -> Tensor {
    guard
      let tensor = Tensor(
        name: name, type: .f32, shape: [count], bytes: WeightArray([Float](repeating: 1, count: count)))
    else { preconditionFailure("a tensor of \(count) ones does not fit its bytes") }
    return tensor
  }

  /// A transformer of `depth` blocks of `width` hidden elements, a multiple of 64: heads of 64, feed-forward layers 8/3 as wide,
  /// a vocabulary of 1024.
  static func transformer(width: Int, depth: Int) -> Transformer {
    let feedForward = (width * 8 / 3 + 31) / 32 * 32
    func linear(_ name: String, _ rows: Int, _ columns: Int) -> LinearLayer {
      LinearLayer(weight: matrix(name, rows, columns))
    }
    func norm(_ name: String) -> RMSNormLayer { RMSNormLayer(weight: ones(name, width), epsilon: 1e-5) }
    return Transformer(
      name: "synthetic", contextLength: 1 << 20,
      stem: Stem(tokens: EmbeddingLayer(weight: matrix("embedding", 1024, width))),
      blocks: (0..<depth).map { block in
        Block(
          attentionNorm: norm("\(block).attention-norm"),
          attention: AttentionMixer(
            query: linear("\(block).query", width, width), key: linear("\(block).key", width, width),
            value: linear("\(block).value", width, width),
            rotary: RotaryEmbeddingLayer(rotatedSize: 64, theta: 10000, pairing: .adjacent),
            attention: AttentionLayer(heads: width / 64, keyValueHeads: width / 64, headSize: 64),
            output: linear("\(block).output", width, width)), feedForwardNorm: norm("\(block).feed-forward-norm"),
          feedForward: GatedFeedForwardLayer(
            gate: linear("\(block).gate", feedForward, width), up: linear("\(block).up", feedForward, width),
            down: linear("\(block).down", width, feedForward)))
      }, head: Head(norm: .rms(norm("final-norm")), unembedding: linear("unembedding", 1024, width)))
  }
}
