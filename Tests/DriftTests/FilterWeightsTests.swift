import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import Testing

@testable import PlumbVerdicts

/// The numbers that the filter multiplies, against the reference's reading of the same bytes.
@Suite struct FilterWeightsTests {
  /// Blocks of any bits, and of the greatest numbers that a format has.
  @Test(arguments: TensorType.allCases) func weightsAreThoseOfTheReference(type: TensorType) throws {
    var generator = SplitMix64(seed: 17)
    let columns = 512
    let size = columns / type.elementsPerBlock * type.bytesPerBlock
    let rows = 64
    let bytes = (0..<rows * size).map { index -> UInt8 in
      index < size ? 255 : index < 2 * size ? 0x7B : UInt8(truncatingIfNeeded: generator.next())
    }
    let tensor = try #require(
      Tensor(name: "weight", type: type, shape: [rows, columns], bytes: WeightArray(bytes)))
    var compared = 0
    for row in 0..<rows {
      var output = [Double](repeating: .nan, count: 2 * columns + 1)
      let isFinite = tensor.writeRow(row, to: &output, from: 1, stride: 2)
      guard let exact = try? Reference.row(row, of: tensor) else {
        #expect(!isFinite, "row \(row) of \(type.label)")
        continue
      }
      #expect(isFinite, "row \(row) of \(type.label)")
      for column in 0..<columns {
        try #require(
          Rational(exactly: output[1 + 2 * column]) == exact[column], "row \(row), \(column) of \(type.label)")
        compared += 1
      }
    }
    // Of 512 binary32 numbers of random bits few rows are all finite, of binary16 numbers none.
    if ![.f32, .f16, .bf16].contains(type) { #expect(compared > 0) }
  }

  /// The plain formats, whose random bits are seldom all finite.
  @Test func plainNumbersAreThoseOfTheReference() throws {
    let patterns: [UInt16] = [0, 1, 0x3FF, 0x400, 0x3C00, 0x7BFF, 0x8000, 0x8001, 0xFBFF, 0x1234, 0xABCD]
    let types: [TensorType] = [.f16, .bf16, .f32, .f64]
    for type in types {
      let repetitions = type.bytesPerBlock / 2
      let bytes: [UInt8] = patterns.flatMap { pattern -> [UInt8] in
        let pair = [UInt8(pattern & 255), UInt8(pattern >> 8)]
        return Array(repeatElement(pair, count: repetitions).joined())
      }
      let tensor = try #require(
        Tensor(name: "weight", type: type, shape: [1, patterns.count], bytes: WeightArray(bytes)))
      var output = [Double](repeating: .nan, count: patterns.count)
      try #require(tensor.writeRow(0, to: &output, from: 0, stride: 1))
      let exact = try Reference.row(0, of: tensor)
      for column in patterns.indices {
        #expect(Rational(exactly: output[column]) == exact[column], "\(type.label), \(column)")
      }
    }
  }
}
