import Foundation
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// GELU's approximation as ggml computes it, from a table of binary16 (`Tests/Fixtures/ggml_gelu.py`).
@Suite struct TabulatedFunctionTests {
  /// The numbers of the fixture, and what ggml gives for them.
  private static func pairs() throws -> [(x: Float, y: Float)] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/ggml-gelu.txt")
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      let numbers = line.split(separator: " ").compactMap { UInt32($0, radix: 16).map(Float.init(bitPattern:)) }
      try #require(numbers.count == 2)
      return (numbers[0], numbers[1])
    }
  }

  private static func verdict(_ x: Float, _ y: Float, in arithmetic: String) throws -> Verdict {
    let input = try CheckedCase(
      LayerCase(layer: .geluTanh, tensors: ["x": .real(Activation(shape: [1, 1], elements: [x]))]))
    let output = Activation(shape: [1, 1], elements: [y])
    return try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: arithmetic)).verdict
  }

  @Test func ggmlIsWithinTheTableOnly() throws {
    let pairs = try Self.pairs()
    try #require(pairs.count == 197)
    for (x, y) in pairs {
      for formula in ["table-f16", "tanh+table-f16"] {
        #expect(try Self.verdict(x, y, in: "f32,formula=\(formula)") == .within, "\(x) \(y)")
      }
    }
    // 5 + 2⁻⁹ lies halfway between two numbers of binary16: its function is off by some 2⁻⁹, 4096 spacings of Float32 there.
    let tie = try #require(pairs.first { $0.x == 5.001953125 })
    #expect(tie.y == 5)
    #expect(try Self.verdict(tie.x, tie.y, in: "f32") == .outside)
  }

  /// |gelu′| is below 1.13, so that both roundings move a result by less than a spacing of x and half of one of y.
  @Test func twoSpacingsMoreAreOutside() throws {
    for (x, y) in try Self.pairs() where x.magnitude < 9.9 {
      let spacing = [x, y].map { FloatFormat.float16.spacing(atMagnitude: Double($0.magnitude)) }
      let more = Float(2 * (spacing[0] + spacing[1]))
      for wrong in [y + more, y - more] {
        #expect(try Self.verdict(x, wrong, in: "f32,formula=table-f16") == .outside, "\(x) \(wrong)")
      }
    }
  }

  /// x itself, and 0, are all that the table's kernel gives from 10 and −10 on.
  @Test func nothingIsRoundedBeyondTheTable() throws {
    #expect(try Self.verdict(12.34, 12.34375, in: "f32,formula=table-f16") == .outside)
    #expect(try Self.verdict(-12.34, -1e-4, in: "f32,formula=table-f16") == .outside)
  }
}
