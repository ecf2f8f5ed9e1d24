import Benchmark
import Foundation
import PlumbCases
import PlumbEngine
import PlumbFormats
import PlumbLayers
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

// The shapes are those of a model of 135 million weights: hidden 576, feed-forward 1536, 9 heads of 64 over 3, vocabulary
// 49152. One thread.

/// Numbers of either sign between 2⁻⁸ and 2, from a seed.
func numbers(_ count: Int, seed: UInt64) -> [Float] {
  var source = Engine.RandomSource(seed: seed)
  return (0..<count).map { _ in
    let z = source.next()
    let significand = 1 + Float(z >> 41) * 0x1p-23
    return Float(sign: z & 1 == 0 ? .plus : .minus, exponent: -Int(z >> 1 & 7), significand: significand)
  }
}

func activation(_ shape: Int...) -> Activation<Float> {
  Activation(shape: shape, elements: numbers(shape.reduce(1, *), seed: 1))
}

func layer(_ outputs: Int, _ inputs: Int, _ type: TensorType) -> LinearLayer {
  let count = outputs * inputs
  let bytes: any WeightBytes
  if type == .f32 {
    bytes = WeightArray(numbers(count, seed: 2))
  } else {
    // Blocks of 20 bytes whose scale and minimum are about 2⁻¹⁰.
    let scales: [UInt8] = [0x05, 0x14, 0x81, 0x94]
    bytes = WeightArray((0..<count / 32 * 20).map { $0 % 20 < 4 ? scales[$0 % 20] : UInt8($0 & 255) })
  }
  guard let tensor = Tensor(name: "weight", type: type, shape: [outputs, inputs], bytes: bytes) else {
    fatalError("\(outputs) × \(inputs) of \(type.label) has no such bytes")
  }
  return LinearLayer(weight: tensor, bias: nil)
}

let shapes = [(256, 576, 1536), (256, 1536, 576), (1, 576, 1536), (1, 1536, 576), (1, 576, 49152)]
for type in [TensorType.f32, .q4_1] {
  for (tokens, inputs, outputs) in shapes {
    let (x, weights) = (activation(tokens, inputs), layer(outputs, inputs, type))
    benchmark("linear \(type.label) \(tokens)×\(inputs)×\(outputs)") { _ = Engine.linear(x, weights) }
  }
}

let attention = AttentionLayer(heads: 9, keyValueHeads: 3, headSize: 64)
for (tokens, positions) in [(256, 256), (1, 512)] {
  let (query, key, value) = (activation(tokens, 9, 64), activation(positions, 3, 64), activation(positions, 3, 64))
  benchmark("attention \(tokens) tokens, \(positions) positions") {
    _ = Engine.attention(query, key, value, attention, firstPosition: positions - tokens)
  }
}

let rows = activation(256, 576)
let norm = RMSNormLayer(weight: layer(1, 576, .f32).weight, epsilon: 1e-5)
benchmark("RMS norm 256×576") { _ = Engine.rmsNorm(rows, norm) }
benchmark("softmax 256×576") { _ = Engine.softmax(rows) }
benchmark("softmax 1×49152") { [row = activation(1, 49152)] in _ = Engine.softmax(row) }
benchmark("SiLU 256×1536") { [rows = activation(256, 1536)] in _ = Engine.silu(rows) }
benchmark("residual 256×576") { _ = Engine.residualAdd(rows, rows) }

let functionInputs = numbers(1 << 14, seed: 3)
for function in Engine.ElementaryFunction.allCases {
  benchmark("16384 × \(function.rawValue)") { _ = function.values(functionInputs) }
}

/// A GGUF file with four tensors of 1 GiB, all of it a hole; its path.
func largeFile() throws -> String {
  func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  var head = Array("GGUF".utf8) + bytes(UInt32(3)) + bytes(UInt64(4)) + bytes(UInt64(0))
  for index in 0..<4 {
    let name = Array("weights.\(index)".utf8)
    head += bytes(UInt64(name.count)) + name + bytes(UInt32(2)) + bytes(UInt64(1 << 14)) + bytes(UInt64(1 << 14))
    head += bytes(UInt32(0)) + bytes(UInt64(index) << 30)
  }
  head += [UInt8](repeating: 0, count: (32 - head.count % 32) % 32)
  let path = NSTemporaryDirectory() + "plumb-benchmark-\(ProcessInfo.processInfo.processIdentifier).gguf"
  try Data(head).write(to: URL(fileURLWithPath: path))
  let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
  try handle.truncate(atOffset: UInt64(head.count) + (4 << 30))
  try handle.close()
  return path
}

let large = try largeFile()
benchmark("open a file of 4 GiB") { _ = try? GGUFFile(path: large) }

for layer in [LayerKind.softmax, .linear, .rmsNorm, .silu, .attentionScores] {
  let cases = (0..<64).compactMap {
    try? CheckedCase(CaseGenerator(layer: layer, strategy: .random, seed: 0).makeCase($0))
  }
  benchmark("64 decisions: \(layer.rawValue)") {
    for input in cases { _ = try? Catalogue.judge(input) }
  }
}

Benchmark.main()
try FileManager.default.removeItem(atPath: large)
