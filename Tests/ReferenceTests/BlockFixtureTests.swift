import Foundation
import PlumbExact
import PlumbModel
import PlumbReference
import Testing

/// Blocks of random and extreme bytes against `Tests/Fixtures/quantised-blocks.txt`, whose head says who decoded them.
@Suite struct BlockFixtureTests {
  @Test(arguments: [
    "F16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS",
    "MXFP4",
  ])
  func `Every block is its exact numbers`(_ label: String) throws {
    let type = try #require(TensorType.allCases.first { $0.label == label })
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: tests.appendingPathComponent("Fixtures/quantised-blocks.txt"), encoding: .utf8)
    var blocks = 0
    for line in text.split(separator: "\n") where line.hasPrefix("\(label)\t") {
      let fields = line.split(separator: "\t")
      let digits = Array(fields[1].utf8)
      let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
      }
      let values = try fields[2].split(separator: " ").map { try #require(Int($0)) }
      let tensor = try #require(
        Tensor(name: "tensor", type: type, shape: [values.count], bytes: WeightArray(bytes)))
      let row = try Reference.row(0, of: tensor)
      for (index, value) in values.enumerated() {
        #expect(row[index] == Rational(significand: Integer(value), exponent: -24))
      }
      blocks += 1
    }
    #expect(blocks == (label == "F16" ? 64 : ["_K", "XS"].contains { label.hasSuffix($0) } ? 5 : 6))
  }
}
