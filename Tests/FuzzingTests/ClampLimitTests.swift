import Foundation
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Gradients of clamped gates whose inputs lie at the limit itself, by PyTorch (`Tests/Fixtures/clamp_limits.py`): 0, or the derivative
/// of the side that is not clamped, and nothing between them.
@Suite struct ClampLimitTests {
  /// The numbers of the fixture's lines that begin with `words`.
  private static func lines(_ words: String) throws -> [[Float]] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/clamp-limits.txt")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter {
      $0.hasPrefix(words + " ")
    }
    return lines.map { $0.split(separator: " ").dropFirst(2).compactMap { Float($0) } }
  }

  private static func judge(
    _ input: CheckedCase, _ output: [Float], in arithmetic: String
  ) throws -> Verdict {
    let output = Activation(shape: input.outputShape, elements: output)
    return try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: arithmetic)).verdict
  }

  @Test(arguments: [LayerKind.clampedGateBackward, .clampedGateUpBackward], ["f32", "bf16"])
  func eitherSideIsWithinAndNothingBetween(layer: LayerKind, format: String) throws {
    let lines = try Self.lines("\(format) gate")
    let (clamped, side) = layer == .clampedGateBackward ? (3, 5) : (4, 6)
    try #require(lines.count == 6 && lines.allSatisfy { $0.count == 7 })
    func input(_ lines: [[Float]]) throws -> CheckedCase {
      let tensors = ["gate", "up", "gradient"].enumerated().map { column, name in
        (name, CaseTensor.real(Activation(shape: [1, lines.count], elements: lines.map { $0[column] })))
      }
      return try CheckedCase(LayerCase(layer: layer, tensors: Dictionary(uniqueKeysWithValues: tensors)))
    }
    let all = try input(lines)
    // This engine has the side's.
    #expect(Catalogue.judge(all).verdict == .within)
    #expect(
      Catalogue.judge(all, output: Activation(shape: [1, 6], elements: lines.map { $0[clamped] })).verdict == .outside)
    for (column, other) in [(clamped, "through-limit"), (side, "zero-at-limit")] {
      let output = lines.map { $0[column] }
      #expect(try Self.judge(all, output, in: format) == .within)
      #expect(try Self.judge(all, output, in: "\(format),formula=\(other)") == .outside)
    }
    for line in lines where line[clamped] != line[side] {
      let one = try input([line])
      #expect(line[clamped] == 0)
      for output in [0, line[side]] { #expect(try Self.judge(one, [output], in: format) == .within, "\(output)") }
      for output in [line[side] / 2, -line[side], 2 * line[side]] {
        #expect(try Self.judge(one, [output], in: format) == .outside, "\(output) for \(line)")
      }
    }
    // One unit beyond the limit and one below it there is one answer.
    for line in lines where line[clamped] != line[side] {
      var (beyond, below) = (line, line)
      let column = layer == .clampedGateBackward ? 0 : 1
      beyond[column] *= 1 + 0x1p-7
      below[column] *= 1 - 0x1p-7
      #expect(try Self.judge(input([beyond]), [0], in: format) == .within)
      #expect(try Self.judge(input([beyond]), [line[side]], in: format) == .outside)
      #expect(try Self.judge(input([below]), [0], in: format) == .outside)
    }
  }

  /// Through a whole mixture, whose gates and what they let through are at the limit.
  @Test func aMixtureIsEither() throws {
    let line = try #require(try Self.lines("f32 experts").first)
    func tensor(_ shape: [Int], _ elements: [Float]) -> CaseTensor {
      .real(Activation(shape: shape, elements: elements))
    }
    let source = LayerCase(
      layer: .expertsBackward, attributes: ["activation": .word("clamped-gate")],
      tensors: [
        "x": tensor([1, 1], [1]), "weights": tensor([1, 1], [1]),
        "choice": .integer(Activation(shape: [1, 1], elements: [0])),
        "gate": tensor([1, 4, 1], [7, 2, -7, 7]), "up": tensor([1, 4, 1], [-7, 7, 1, 1]),
        "down": tensor([1, 1, 4], [0.5, -1.5, 0.75, 1]), "gradient": tensor([1, 1], [line[0]]),
      ])
    let input = try CheckedCase(source)
    #expect(Catalogue.engine(input).elements[0].distance(to: line[2]).magnitude <= line[2].ulp * 4)
    for output in line[1...2] { #expect(try Self.judge(input, [output], in: "f32") == .within, "\(output)") }
    for output in [-line[2], 2 * line[2]] {
      #expect(try Self.judge(input, [output], in: "f32") == .outside, "\(output)")
    }
    #expect(try Self.judge(input, [line[1]], in: "f32,formula=through-limit") == .outside)
  }
}
