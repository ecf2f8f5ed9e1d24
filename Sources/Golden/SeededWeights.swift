import PlumbFormats
import PlumbModel

/// Weights drawn one tensor after the other, short to write: embeddings are multiples of 2⁻¹² in [−1/2, 1/2), all others
/// of 2⁻¹⁴ in [−1/8, 1/8), or about 1.
///
/// So each block adds little to what goes past it, as in trained models, and a bound of the whole pass stays finite.
struct SeededWeights {
  let seed: UInt64
  private var source: SplitMix64
  private(set) var tensors: [Tensor] = []

  init(seed: UInt64) {
    self.seed = seed
    source = SplitMix64(seed: seed)
  }

  mutating func embedding(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
    tensor(name, [rows, columns], around: 0, unit: 0x1p-12)
  }

  mutating func matrix(_ name: String, _ rows: Int, _ columns: Int) -> Tensor {
    tensor(name, [rows, columns], around: 0)
  }

  mutating func linear(_ name: String, _ outputs: Int, _ inputs: Int) -> LinearLayer {
    LinearLayer(weight: matrix("\(name).weight", outputs, inputs), bias: tensor("\(name).bias", [outputs], around: 0))
  }

  mutating func rmsNorm(_ name: String, _ size: Int) -> RMSNormLayer {
    RMSNormLayer(weight: tensor(name, [size], around: 1), epsilon: 1e-5)
  }

  mutating func layerNorm(_ name: String, _ size: Int, _ epsilon: Float) -> LayerNormLayer {
    LayerNormLayer(
      weight: tensor("\(name).weight", [size], around: 1), bias: tensor("\(name).bias", [size], around: 0),
      epsilon: epsilon)
  }

  private mutating func tensor(
    _ name: String, _ shape: [Int], around centre: Float, unit: Float = 0x1p-14
  ) -> Tensor {
    let values = (0..<shape.reduce(1, *)).map { _ in centre + Float(Int(source.next() >> 52) - 2048) * unit }
    guard let tensor = Tensor(name: name, type: .f32, shape: shape, bytes: WeightArray(values)) else {
      preconditionFailure("an array of as many elements as its shape has always makes a tensor")
    }
    tensors.append(tensor)
    return tensor
  }
}
