import Foundation
import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Scaled rotary embeddings and their gradients by transformers and PyTorch in Float32 (`Tests/Fixtures/rotary_scaling.py`): a head of
/// 16 elements at two positions.
@Suite struct RotaryScalingTests {
  private struct Turned {
    let input: LayerCase
    let output: [Float]
  }

  /// The fixture's case `name`.
  private static func turned(_ name: String, _ layer: LayerKind) throws -> Turned {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/rotary-scaling.txt")
    let start = "\(name) \(layer == .rotaryEmbedding ? "forward" : "backward") | "
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    let parts = try #require(lines.first { $0.hasPrefix(start) }).split(separator: "|")
    let numbers = parts[2].split(separator: " ").compactMap { Float($0) }
    try #require(numbers.count == 1 + 2 * 32)
    var attributes: [String: AttributeValue] = [
      "interleaved": .flag(false), "firstPosition": .integer(Int(numbers[0])),
    ]
    var tensors = [
      layer == .rotaryEmbedding ? "x" : "gradient": CaseTensor.real(
        Activation(shape: [2, 1, 16], elements: Array(numbers[1..<33])))
    ]
    for word in parts[1].split(separator: " ") {
      let pair = word.split(separator: "=").map(String.init)
      if pair[0] == "divisors" {
        let divisors = pair[1].split(separator: ",").compactMap { Float($0) }
        tensors["divisors"] = .real(Activation(shape: [divisors.count], elements: divisors))
      } else {
        let slot = try #require(Catalogue.signature(of: layer).attributes.first { $0.name == pair[0] })
        let value: AttributeValue = try #require(AttributeValue(pair[1], like: slot.defaultValue))
        attributes[pair[0]] = value
      }
    }
    return Turned(
      input: LayerCase(layer: layer, attributes: attributes, tensors: tensors), output: Array(numbers[33...]))
  }

  private static func verdict(_ input: LayerCase, _ output: [Float]) throws -> Verdict {
    let input = try CheckedCase(input)
    return try Catalogue.judge(
      input, output: Activation(shape: [2, 1, 16], elements: output), in: ArithmeticModel(parsing: "f32")
    ).verdict
  }

  private static let rules = ["llama3", "yarn", "yarn-untruncated", "divisors"]

  @Test(arguments: rules, [LayerKind.rotaryEmbedding, .rotaryEmbeddingBackward])
  func anotherLibrarysIsWithinAndTheSameWithoutItIsOutside(rule: String, layer: LayerKind) throws {
    let turned = try Self.turned(rule, layer)
    #expect(try Self.verdict(turned.input, turned.output) == .within)
    let engine = Catalogue.engine(try CheckedCase(turned.input))
    #expect(Catalogue.judge(try CheckedCase(turned.input), output: engine).verdict == .within)
    #expect(try Self.verdict(turned.input, engine.elements) == .within)

    var plain = turned.input
    plain.attributes["scaling"] = .word("none")
    plain.tensors["divisors"] = nil
    #expect(try Self.verdict(plain, turned.output) == .outside)
    if turned.input.attributes["magnitude"] != .real(1) {
      var small = turned.input
      small.attributes["magnitude"] = .real(1)
      #expect(try Self.verdict(small, turned.output) == .outside)
    }
  }

  /// The ramp between whole pairs is another than that between the very places.
  @Test func theRampsDiffer() throws {
    let (whole, very) = (
      try Self.turned("yarn", .rotaryEmbedding), try Self.turned("yarn-untruncated", .rotaryEmbedding)
    )
    var other = whole.input
    other.attributes["scaling"] = .word("yarn-untruncated")
    #expect(try Self.verdict(other, whole.output) == .outside)
    other = very.input
    other.attributes["scaling"] = .word("yarn")
    #expect(try Self.verdict(other, very.output) == .outside)
  }

  /// Refusals name what does not fit.
  @Test(
    arguments: [
      (["lowTurns": .real(4)], nil, "attribute 'lowTurns' must be below 'highTurns'"),
      (["contextFactor": .real(0)], nil, "attribute 'contextFactor' must be positive and finite"),
      (["magnitude": .real(.infinity)], nil, "attribute 'magnitude' must be positive and finite"),
      (["originalContext": .integer(0)], nil, "attribute 'originalContext' must be a count from 1 to 2^24 − 1"),
      ([:], [1, 1], "there are 'divisors' and 'scaling': leave one of them"),
      (["scaling": .word("none")], [1], "1 divisors do not go with 2 pairs"),
      (["scaling": .word("none")], [1, 0], "tensor 'divisors' must be positive and finite"),
      (
        ["scaling": .word("yarn"), "theta": .real(1)], nil,
        "scaling 'yarn' is YaRN's from 4.0 turns of 8192.0 positions to 1.0, which is no ramp between pairs"
      ),
    ] as [([String: AttributeValue], [Float]?, String)])
  func anUnsoundScalingIsRefused(
    attributes: [String: AttributeValue], divisors: [Float]?, problem: String
  ) throws {
    var input = LayerCase(
      layer: .rotaryEmbedding, attributes: attributes.merging(["scaling": .word("llama3")]) { own, _ in own },
      tensors: ["x": .real(Activation(shape: [1, 1, 4], elements: [1, 2, 3, 4]))])
    if let divisors {
      input.tensors["divisors"] = .real(Activation(shape: [divisors.count], elements: divisors))
    }
    let error = #expect(throws: CaseError.self) { try CheckedCase(input) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "none")")
  }

  /// A run of a kernel that has no scaling fixes that, and every case is plain; one of a kernel with a rule has it in all.
  @Test func aRuleCanBeFixedInARun() throws {
    let plain = try FixedAttributes(["scaling": "none"], of: [.rotaryEmbedding])
    let yarn = try FixedAttributes(["scaling": "yarn", "highTurns": "32"], of: [.rotaryEmbedding])
    for number in 0..<200 {
      let drawn = CaseGenerator(layer: .rotaryEmbedding, strategy: .random, seed: 1, attributes: plain).makeCase(number)
      #expect(drawn.tensors["divisors"] == nil && drawn.attributes["magnitude"] == nil)
      let scaled = try CheckedCase(
        CaseGenerator(layer: .rotaryEmbedding, strategy: .random, seed: 1, attributes: yarn).makeCase(number))
      #expect(scaled.word("scaling") == "yarn" && scaled.number("highTurns") == 32)
      #expect(scaled.source.tensors["divisors"] == nil)
    }
  }
}
