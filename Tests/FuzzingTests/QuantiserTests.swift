import Foundation
import PlumbCases
import PlumbFuzzing
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// A row's numbers on a grid are those that legal rounding may give: of two where a tie is near, otherwise one; and scales are near the real one.
@Suite struct QuantiserTests {
  /// A row as another program quantises it.
  struct Row: Sendable {
    let who, scheme: String
    let least: Float
    let x, numbers: [Float]
    let scale: Float

    /// The rule for ties that the program has.
    var rule: String { who == "gguf" ? "half-away" : "half-even" }
    var numbersCase: CheckedCase { get throws { try input(.quantize) } }
    var scaleCase: CheckedCase { get throws { try input(.quantizeScale) } }

    private func input(_ layer: LayerKind) throws -> CheckedCase {
      try CheckedCase(
        LayerCase(
          layer: layer, attributes: ["scheme": .word(scheme), "least": .real(least)],
          tensors: ["x": .real(Activation(shape: [1, x.count], elements: x))]))
    }
  }

  /// The rows of `Tests/Fixtures/quantisers.py`.
  private static let rows: [Row] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/quantisers.txt")
    let text = (try? String(contentsOf: file.standardized, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      let numbers = words.dropFirst(2).map { $0.split(separator: ",").map { Float($0) ?? .nan } }
      return Row(
        who: String(words[0]), scheme: String(words[1]), least: numbers[0][0], x: numbers[1], numbers: numbers[2],
        scale: numbers[3][0])
    }
  }()

  private static func judge(_ input: CheckedCase, _ output: [Float], in model: String?) throws -> LocalDrift {
    let output = Activation(shape: input.outputShape, elements: output)
    guard let model else { return Catalogue.judge(input, output: output) }
    return try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: model))
  }

  private static func judge(_ line: String, _ output: [Float], in model: String? = "f32") throws -> LocalDrift {
    try judge(CheckedCase(try CaseLine.parse(line)), output, in: model)
  }

  @Test func whatOthersGiveIsWithin() throws {
    #expect(Self.rows.count > 60 && Set(Self.rows.map(\.who)) == ["gguf", "torch", "numpy"])
    for row in Self.rows {
      for model in ["f32", "f32,formula=\(row.rule)"] {
        let numbers = try Self.judge(row.numbersCase, row.numbers, in: model)
        #expect(numbers.verdict == .within, "\(row.who), \(row.scheme), \(row.x): \(numbers.failureText ?? "")")
        let scale = try Self.judge(row.scaleCase, [row.scale], in: model)
        #expect(scale.verdict == .within, "\(row.who), \(row.scheme), \(row.x): \(scale.failureText ?? "")")
      }
    }
  }

  /// A neighbour of each number is outside, but where the number before the rounding lies next to a tie.
  @Test func theNextNumberIsOutside() throws {
    var (outside, all) = (0, 0)
    for row in Self.rows where row.numbers.contains(where: { $0 != 0 }) {
      for place in row.numbers.indices {
        var numbers = row.numbers
        let format = row.scheme == "fp8" ? FloatFormat.e4m3 : FloatFormat.e5m2
        let spacing = format.spacing(atMagnitude: Double(numbers[place].magnitude))
        let step: Float = row.scheme.hasPrefix("fp8") ? Float(spacing) : 1
        numbers[place] += numbers[place] > 0 ? -step : step
        all += 1
        if try Self.judge(row.numbersCase, numbers, in: "f32").verdict == .outside { outside += 1 }
      }
      for scale in [row.scale * (1 + 0x1p-9), row.scale * (1 - 0x1p-9)] where row.scale > 0 && row.scale.isFinite {
        #expect(try Self.judge(row.scaleCase, [scale], in: "f32").verdict == .outside)
      }
    }
    // One of six kinds of row is of ties, and one of halves of the greatest.
    #expect(outside > all * 3 / 4 && outside < all, "\(outside) of \(all)")
  }

  @Test func aTieGoesEitherWayUnlessARuleIsNamed() throws {
    let line = "quantize x=[1x3]:127,2.5,-2.5"
    for output: [Float] in [[127, 2, -2], [127, 3, -3], [127, 3, -2]] {
      #expect(try Self.judge(line, output).verdict == .within)
    }
    for (rule, right, wrong) in [("half-even", 2, 3), ("half-away", 3, 2)] as [(String, Float, Float)] {
      let model = "f32,formula=divided+\(rule)"
      #expect(try Self.judge(line, [127, right, -right], in: model).verdict == .within)
      let drift = try Self.judge(line, [127, right, -wrong], in: model)
      #expect(drift.failure == .wrongTie)
      #expect(drift.failureText?.hasPrefix("wrong tie: element [0, 2] is -\(wrong)") == true)
    }
    #expect(try Self.judge(line, [127, 3, -2], in: nil).failure == .wrongTie)
    for output: [Float] in [[127, 1, -2], [127, 4, -2], [126, 2, -2]] {
      #expect(try Self.judge(line, output).failure == .wrongNumber)
    }
  }

  /// 1.5 · 127 / 3 is 63.5, but kernels compute it from a rounded 3/127 or 127/3, so that either number is right, whatever the rule.
  @Test func halfOfTheGreatestGoesEitherWay() throws {
    for output: [Float] in [[127, 63], [127, 64]] {
      #expect(try Self.judge("quantize x=[1x2]:3,1.5", output, in: "f32,formula=half-even").verdict == .within)
    }
  }

  @Test func whatIsNoNumberOfTheGridIsOutsideHoweverNear() throws {
    let drift = try Self.judge("quantize x=[1x2]:127,2.25", [127, 2.25])
    #expect(drift.failure == .offGrid)
    #expect(drift.failureText == "off the grid: element [0, 1] is 2.25, no whole number")
    #expect(try Self.judge("quantize scheme=fp8 x=[1x2]:448,1.0625", [448, 1.0625]).failure == .offGrid)
    let scale: Float = 0.1 / 127
    #expect(try Self.judge("quantize-scale scheme=int8 x=[1x1]:0.1", [scale]).verdict == .within)
    #expect(try Self.judge("quantize-scale scheme=q8_0 x=[1x1]:0.1", [scale]).failure == .offGrid)
  }

  /// At a power of two the numbers below lie half as far apart as those above: 1.875 is no nearer to 2 than 2 is.
  @Test func aPowerOfTwoIsItself() throws {
    #expect(try Self.judge("quantize scheme=fp8 x=[1x2]:448,2", [448, 2]).verdict == .within)
    for wrong: Float in [1.875, 2.25] {
      #expect(try Self.judge("quantize scheme=fp8 x=[1x2]:448,2", [448, wrong]).verdict == .outside)
    }
  }

  /// A row that is zero has the scale 0, and numbers that are 0: a division by it is a bug.
  @Test func aRowOfZerosIsZero() throws {
    #expect(try Self.judge("quantize x=[1x2]:0,-0", [0, 0]).verdict == .within)
    #expect(try Self.judge("quantize x=[1x2]:0,-0", [.nan, .nan]).failure == .notANumber)
    #expect(try Self.judge("quantize-scale x=[1x2]:0,0", [0]).verdict == .within)
    #expect(try Self.judge("quantize-scale x=[1x2]:0,0", [1]).verdict == .outside)
    // With a least greatest magnitude the scale is not 0.
    #expect(try Self.judge("quantize-scale scheme=fp8 least=0x1p-9 x=[1x2]:0,0", [0x1p-9 / 448]).verdict == .within)
  }

  /// The reciprocal of a scale below 2⁻¹²⁸ is infinite: kernels that multiply by it may give anything, and those that divide may not.
  @Test func nothingIsClaimedOfReciprocalsThatOverflow() throws {
    let line = "quantize x=[1x2]:0x1p-124,0x1p-126"
    #expect(try Self.judge(line, [127, 32]).verdict == .outsideDomain)
    #expect(try Self.judge(line, [127, 32], in: "f32,formula=divided").verdict == .within)
    #expect(try Self.judge(line, [127, 31], in: "f32,formula=divided").verdict == .outside)
  }

  /// 8.4·10⁶ / 127 is 66,142, more than binary16 has.
  @Test func aScaleThatBinary16DoesNotHaveIsInfinite() throws {
    #expect(try Self.judge("quantize-scale scheme=q8_0 x=[1x1]:8.4e6", [.infinity]).verdict == .within)
    #expect(try Self.judge("quantize-scale scheme=q8_0 x=[1x1]:8.4e6", [65504]).verdict == .outside)
    // Below half of the least number of binary16, 2⁻²⁴.
    #expect(try Self.judge("quantize-scale scheme=q8_0 x=[1x1]:3e-6", [0]).verdict == .within)
  }

  @Test(arguments: [
    ("scheme=int4 x=[1x1]:1", "attribute 'scheme' is 'int4', expected one of int8, q8_0"),
    ("least=-1 x=[1x1]:1", "attribute 'least' must be a finite number from 0 up"),
  ]) func badCasesAreRefused(_ words: String, _ problem: String) throws {
    let input = try CaseLine.parse("quantize \(words)")
    #expect { try CheckedCase(input) } throws: { "\($0)".contains(problem) }
  }

  // MARK: - A scheme that is fixed

  @Test func everyCaseHasTheFixedScheme() throws {
    let fixed = try FixedAttributes(["scheme": "fp8", "least": "0x1p-9"], of: [.quantize])
    func run(_ judge: @escaping FuzzRun.Judge) throws -> FuzzReport {
      try FuzzRun(
        layer: .quantize, strategies: Strategy.allCases, searches: true, seed: 3, attributes: fixed,
        shrinking: FuzzRun.ShrinkingLimits(cases: 200), judge: judge
      ).report(280)
    }
    let isFixed = { @Sendable (input: CheckedCase) in
      input.word("scheme") == "fp8" && input.number("least") == 0x1p-9
    }
    let report = try run { input, _ in
      isFixed(input) ? Catalogue.judge(input) : LocalDrift(unmeasured: "rubbish: another scheme")
    }
    #expect(report.failed == 0 && report.run.attributes == ["scheme": "fp8", "least": "0x1p-9"])
    let lines = ["quantize scheme=fp8 least=0x1p-9 x=[1x1]:1", "quantize x=[1x1]:1", "quantize scheme=fp8 x=[1x1]:1"]
    #expect(try lines.map { fixed.hold(of: try CaseLine.parse($0)) } == [true, false, false])
    // Smaller cases have it, too.
    let failing = try run { input, _ in LocalDrift(unmeasured: "rubbish: \(isFixed(input))") }
    #expect(!failing.failures.isEmpty)
    for failure in failing.failures { #expect(isFixed(try CheckedCase(try CaseLine.parse(failure.replay)))) }
  }

  @Test(arguments: [
    (["scheme": "int4"], "'scheme' is 'int4', expected one of int8, q8_0, fp8, fp8-e5m2"),
    (["least": "some"], "'least' is 'some', expected a number"), (["bits": "8"], "there are least, scheme"),
  ]) func whatCannotBeFixedIsRefused(_ texts: [String: String], _ problem: String) {
    #expect { try FixedAttributes(texts, of: [.quantize, .quantizeScale]) } throws: { "\($0)".contains(problem) }
  }
}
