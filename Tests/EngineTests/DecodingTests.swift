import Foundation
import PlumbEngine
import PlumbModel
import Testing

/// Stored rows against the values that the format's own tools give: `Tests/Fixtures/decoded-blocks.txt`.
@Suite struct DecodingTests {
  struct Row {
    var label = ""
    var bytes: [UInt8] = []
    var values: [UInt32] = []
  }

  static func rows() throws -> [Row] {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: tests.appendingPathComponent("Fixtures/decoded-blocks.txt"), encoding: .utf8)
    var rows: [Row] = []
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("b ") {
        rows[rows.count - 1].bytes += words(line.dropFirst(2), digits: 2).map { UInt8($0) }
      } else if line.hasPrefix("v ") {
        rows[rows.count - 1].values += words(line.dropFirst(2), digits: 8)
      } else {
        rows.append(Row(label: String(line)))
      }
    }
    return rows
  }

  private static func words(_ text: Substring, digits: Int) -> [UInt32] {
    stride(from: 0, to: text.count, by: digits).compactMap { UInt32(text.dropFirst($0).prefix(digits), radix: 16) }
  }

  @Test(arguments: Engine.InstructionSet.supported)
  func `every type decodes as its format's tools decode it`(_ set: Engine.InstructionSet) throws {
    let rows = try Self.rows()
    #expect(rows.map(\.label) == TensorType.allCases.map(\.label).sorted(by: Self.tableOrder))
    for row in rows {
      let type = try #require(TensorType.allCases.first { $0.label == row.label })
      let tensor = try #require(
        Tensor(name: row.label, type: type, shape: [1, row.values.count], bytes: WeightArray(row.bytes)))
      #expect(tensor.byteCount == row.bytes.count)
      #expect(Engine.decoded(tensor, instructionSet: set).map(\.bitPattern) == row.values, "\(row.label)")
    }
  }

  /// Plain types first, then by name: the order of the table.
  private static func tableOrder(_ left: String, _ right: String) -> Bool {
    let plain = ["F32", "F16", "BF16"]
    let ranks = (plain.firstIndex(of: left) ?? 9, plain.firstIndex(of: right) ?? 9)
    let suffixes = (left.hasSuffix("K"), right.hasSuffix("K"))
    if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
    return suffixes.0 == suffixes.1 ? left < right : suffixes.1
  }

  @Test(arguments: TensorType.allCases) func `a linear layer multiplies by the decoded weights`(_ type: TensorType) {
    var random = SplitMix64(seed: 31)
    let weight = random.tensor("w", type, [37, 512])
    let plain = LinearLayer(
      weight: random.plain("w", Engine.decoded(weight), [37, 512]))
    for tokens in [1, 2, 7, 50] {
      let x = random.activation([tokens, 512])
      for set in Engine.InstructionSet.supported {
        let stored = Engine.linear(x, LinearLayer(weight: weight), instructionSet: set)
        #expect(bits(stored) == bits(Engine.linear(x, plain, instructionSet: set)), "\(set), \(tokens) tokens")
      }
    }
  }
}
