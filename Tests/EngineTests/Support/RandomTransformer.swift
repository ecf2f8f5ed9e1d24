import PlumbEngine
import PlumbModel

extension SplitMix64 {
  /// A number of either sign whose exponent is spread over `exponents`.
  mutating func float(exponents: ClosedRange<Int>) -> Float {
    let magnitude = Float(sign: .plus, exponent: Int.random(in: exponents, using: &self), significand: 1)
    return Float.random(in: 1..<2, using: &self) * (Bool.random(using: &self) ? magnitude : -magnitude)
  }
}

/// The sizes of a small random transformer.
struct Sizes: Sendable, CustomStringConvertible {
  var type = TensorType.f32
  var hidden = 40
  var heads = 4
  var keyValueHeads = 2
  var headSize = 10
  var feedForward = 52
  var pairing = RotaryEmbeddingLayer.Pairing.adjacent
  var rotatedSize = 8
  var bias = false

  /// The text that a failing test prints.
  var description: String {
    "\(type.label), hidden \(hidden), heads \(heads)/\(keyValueHeads)×\(headSize), \(pairing), bias \(bias)"
  }

  /// Shapes that fit vectors and shapes that do not, plain and quantised weights, both pairings.
  static let all: [Sizes] = [
    Sizes(), Sizes(pairing: .halfSplit, rotatedSize: 10, bias: true),
    Sizes(type: .q4_1, hidden: 64, heads: 2, keyValueHeads: 1, headSize: 32, feedForward: 96, rotatedSize: 32),
    Sizes(type: .f16, hidden: 48, heads: 3, keyValueHeads: 3, headSize: 16, feedForward: 33, rotatedSize: 16),
    Sizes(type: .q2_K, hidden: 256, heads: 4, keyValueHeads: 2, headSize: 64, feedForward: 256, rotatedSize: 64),
    Sizes(type: .q6_K, hidden: 256, heads: 4, keyValueHeads: 2, headSize: 64, feedForward: 256, rotatedSize: 64),
  ]
}

extension SplitMix64 {
  /// A tensor of `shape`: for plain types numbers about as large as weights are, for quantised ones random blocks with
  /// scales below 2⁻⁶.
  mutating func tensor(_ name: String, _ type: TensorType, _ shape: [Int]) -> Tensor {
    let count = shape.reduce(1, *)
    var bytes: [UInt8] = []
    for _ in 0..<count / type.elementsPerBlock {
      var block = (0..<type.bytesPerBlock).map { _ in UInt8.random(in: 0...255, using: &self) }
      switch type {
      case .f64: block[7] = block[7] & 0x80 | 0x3F
      case .f32: block.replaceSubrange(0..<4, with: littleEndian(float(exponents: -6...0).bitPattern))
      case .bf16: block.replaceSubrange(0..<2, with: littleEndian(float(exponents: -6...0).bitPattern)[2...])
      case .f16: block[1] = block[1] & 0x83 | 0x28
      case .mxfp4: block[0] = 120 + block[0] % 4
      case .q6_K: block[209] = block[209] & 0x83 | 0x04
      case .q3_K: block[109] = block[109] & 0x83 | 0x04
      case .q2_K:
        block[81] = block[81] & 0x83 | 0x14
        block[83] = block[83] & 0x83 | 0x14
      case .q4_1, .q5_1, .q4_K, .q5_K:
        block[1] = block[1] & 0x83 | 0x14
        block[3] = block[3] & 0x83 | 0x14
      case .q4_0, .q5_0, .q8_0, .iq4_NL, .iq4_XS: block[1] = block[1] & 0x83 | 0x14
      }
      bytes += block
    }
    guard let tensor = Tensor(name: name, type: type, shape: shape, bytes: WeightArray(bytes)) else {
      fatalError("\(shape) is no shape for \(type.label)")
    }
    return tensor
  }

  private func littleEndian(_ word: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
  }

  /// A linear layer, with a bias where the sizes ask for one.
  mutating func linear(_ name: String, _ outputs: Int, _ inputs: Int, _ sizes: Sizes) -> LinearLayer {
    LinearLayer(
      weight: tensor(name, sizes.type, [outputs, inputs]),
      bias: sizes.bias ? tensor(name + ".bias", .f32, [outputs]) : nil)
  }

  private mutating func norm(_ name: String, _ size: Int) -> RMSNormLayer {
    RMSNormLayer(weight: tensor(name, .f32, [size]), epsilon: 1e-5)
  }

  private mutating func block(_ name: String, _ sizes: Sizes) -> Block {
    let (queries, keys) = (sizes.heads * sizes.headSize, sizes.keyValueHeads * sizes.headSize)
    return Block(
      attentionNorm: norm(name + ".attention-norm", sizes.hidden),
      attention: AttentionMixer(
        query: linear(name + ".query", queries, sizes.hidden, sizes),
        key: linear(name + ".key", keys, sizes.hidden, sizes),
        value: linear(name + ".value", keys, sizes.hidden, sizes),
        rotary: RotaryEmbeddingLayer(rotatedSize: sizes.rotatedSize, theta: 10_000, pairing: sizes.pairing),
        attention: AttentionLayer(heads: sizes.heads, keyValueHeads: sizes.keyValueHeads, headSize: sizes.headSize),
        output: linear(name + ".output", sizes.hidden, queries, sizes)),
      feedForwardNorm: norm(name + ".feed-forward-norm", sizes.hidden),
      feedForward: GatedFeedForwardLayer(
        gate: linear(name + ".gate", sizes.feedForward, sizes.hidden, sizes),
        up: linear(name + ".up", sizes.feedForward, sizes.hidden, sizes),
        down: linear(name + ".down", sizes.hidden, sizes.feedForward, sizes)))
  }

  /// A transformer of two blocks and 50 tokens.
  mutating func transformer(_ sizes: Sizes, contextLength: Int = 64) -> Transformer {
    Transformer(
      name: "random", contextLength: contextLength,
      stem: Stem(tokens: EmbeddingLayer(weight: tensor("embedding", sizes.type, [50, sizes.hidden]))),
      blocks: [block("blocks.0", sizes), block("blocks.1", sizes)],
      head: Head(
        norm: .rms(norm("final-norm", sizes.hidden)),
        unembedding: LinearLayer(weight: tensor("unembedding", sizes.type, [50, sizes.hidden]))))
  }

  /// An activation of numbers of mixed magnitude.
  mutating func activation(_ shape: [Int], exponents: ClosedRange<Int> = -20...3) -> Activation<Float> {
    Activation(shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in float(exponents: exponents) })
  }
}

extension SplitMix64 {
  /// `values` as a tensor of F32.
  func plain(_ name: String, _ values: [Float], _ shape: [Int]) -> Tensor {
    guard let tensor = Tensor(name: name, type: .f32, shape: shape, bytes: WeightArray(values)) else {
      fatalError("\(values.count) values do not fill \(shape)")
    }
    return tensor
  }
}
