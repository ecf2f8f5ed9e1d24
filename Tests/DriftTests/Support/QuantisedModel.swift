import PlumbDrift
import PlumbFormats
import PlumbModel
import PlumbTolerance
import Testing

/// A small model of quantised weights, drawn from a seed as Tests/Conformance/attribution.py draws it.
///
/// Weights of Q4_1 are sums that Float32 does not hold; those of Q8_0 it does.
struct QuantisedModel {
  /// The prompt.
  static let tokens = [3, 17, 8]

  /// The model.
  let transformer: Transformer

  /// Makes the model; each of its matrices is what `matrix` makes of it.
  init(matrix: (Tensor) throws -> Tensor = { $0 }) throws {
    var source = Source(seed: SplitMix64(seed: 20_250_101))
    func linear(_ tensor: Tensor) throws -> LinearLayer { LinearLayer(weight: try matrix(tensor)) }
    let embedding = try matrix(source.affine("token_embd", 32, 64))
    var blocks: [Block] = []
    for index in 0..<2 {
      let attentionNorm = try source.norm("\(index).attn_norm")
      let query = try linear(source.affine("\(index).q", 64, 64))
      let key = try linear(source.affine("\(index).k", 32, 64))
      let value = try linear(source.affine("\(index).v", 32, 64))
      let output = try linear(source.scaled("\(index).o", 64, 64))
      let feedForwardNorm = try source.norm("\(index).ffn_norm")
      let gate = try linear(source.affine("\(index).gate", 96, 64))
      let up = try linear(source.affine("\(index).up", 96, 64))
      let down = try linear(source.scaled("\(index).down", 64, 96))
      blocks.append(
        Block(
          attentionNorm: attentionNorm,
          attention: AttentionMixer(
            query: query, key: key, value: value,
            rotary: RotaryEmbeddingLayer(rotatedSize: 16, theta: 10_000, pairing: .adjacent),
            attention: AttentionLayer(heads: 4, keyValueHeads: 2, headSize: 16), output: output),
          feedForwardNorm: feedForwardNorm, feedForward: GatedFeedForwardLayer(gate: gate, up: up, down: down)))
    }
    transformer = Transformer(
      name: "quantised", contextLength: 16, stem: Stem(tokens: EmbeddingLayer(weight: embedding)), blocks: blocks,
      head: Head(
        norm: .rms(try source.norm("output_norm")), unembedding: try linear(source.affine("output", 32, 64))))
  }

  /// The model as the command loads one.
  var loaded: LoadedModel {
    LoadedModel(
      transformer: transformer, tokenizer: ByteTokenizer(), architecture: "llama", source: "a test")
  }

  /// Tensors in the order in which they are asked for.
  private struct Source {
    var seed: SplitMix64

    /// Q4_1: blocks of 32 weights d·q + m, with d subnormal and 2 ≤ |m| < 4.
    mutating func affine(_ name: String, _ rows: Int, _ columns: Int) throws -> Tensor {
      var bytes: [UInt8] = []
      for _ in 0..<rows * columns / 32 {
        let draw = seed.next()
        let step = UInt16(draw & 0x3FF) | 1
        // The exponent of 2 with its bias, ten bits of significand, and a sign.
        var minimum: UInt16 = 16 << 10
        minimum |= UInt16(draw >> 10 & 0x3FF)
        if draw >> 20 & 1 == 1 { minimum |= 1 << 15 }
        let (first, second) = (seed.next(), seed.next())
        bytes += Self.little(step) + Self.little(minimum)
        for index in 0..<16 as Range<UInt64> {
          let (low, high) = (UInt8(first >> (4 * index) & 15), UInt8(second >> (4 * index) & 15))
          bytes.append(low | high << 4)
        }
      }
      return try #require(Tensor(name: name, type: .q4_1, shape: [rows, columns], bytes: WeightArray(bytes)))
    }

    /// Q8_0: blocks of 32 weights d·q.
    mutating func scaled(_ name: String, _ rows: Int, _ columns: Int) throws -> Tensor {
      var bytes: [UInt8] = []
      for _ in 0..<rows * columns / 32 {
        bytes += Self.little(9 << 10 | UInt16(seed.next() & 0x3FF))
        for _ in 0..<4 {
          let draw = seed.next()
          bytes += (0..<8).map { UInt8(draw >> (8 * $0) & 255) &- 128 }
        }
      }
      return try #require(Tensor(name: name, type: .q8_0, shape: [rows, columns], bytes: WeightArray(bytes)))
    }

    mutating func norm(_ name: String) throws -> RMSNormLayer {
      let weights = (0..<64).map { _ in Float(Int(seed.next() >> 41) - (1 << 22)) * 0x1p-29 + 0x1p-6 }
      let tensor = try #require(Tensor(name: name, type: .f32, shape: [64], bytes: WeightArray(weights)))
      return RMSNormLayer(weight: tensor, epsilon: 0x1p-17)
    }

    private static func little(_ word: UInt16) -> [UInt8] { [UInt8(word & 255), UInt8(word >> 8)] }
  }
}
