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
    let who, scheme, rule: String
    let least, global: Float
    let x, numbers: [Float]
    let scale: Float

    /// The arithmetics that the program's are, with its rule for ties; ggml's MXFP4 has one that no name is for.
    var models: [String] {
      if who == "gguf" && scheme == "mxfp4" { return ["f32", "f32,formula=divided"] }
      return ["f32", "f32,formula=half-\(who == "gguf" ? "away" : "even")"]
    }
    var numbersCase: CheckedCase { get throws { try input(.quantize) } }
    var scaleCase: CheckedCase { get throws { try input(.quantizeScale) } }

    private func input(_ layer: LayerKind) throws -> CheckedCase {
      try CheckedCase(
        LayerCase(
          layer: layer,
          attributes: [
            "scheme": .word(scheme), "rule": .word(rule), "least": .real(least), "globalScale": .real(global),
          ],
          tensors: ["x": .real(Activation(shape: [1, x.count], elements: x))]))
    }
  }

  /// The rows of `Tests/Fixtures/quantisers.py`.
  private static let rows: [Row] = {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/quantisers.txt")
    let text = (try? String(contentsOf: file.standardized, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map { line in
      let words = line.split(separator: " ")
      let kinds = words[1].split(separator: ",").map(String.init)
      let numbers = words.dropFirst(2).map { $0.split(separator: ",").map { Float($0) ?? .nan } }
      return Row(
        who: String(words[0]), scheme: kinds[0], rule: kinds.count > 1 ? kinds[1] : "floor", least: numbers[0][0],
        global: kinds.count > 2 ? Float(kinds[2]) ?? .nan : 1,
        x: numbers[1], numbers: numbers[2],
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
    #expect(Self.rows.count > 600 && Set(Self.rows.map(\.who)) == ["gguf", "torch", "numpy", "exact"])
    for row in Self.rows {
      for model in row.models {
        let numbers = try Self.judge(row.numbersCase, row.numbers, in: model)
        #expect(numbers.verdict == .within, "\(row): \(numbers.failureText ?? "")")
        let scale = try Self.judge(row.scaleCase, [row.scale], in: model)
        #expect(scale.verdict == .within, "\(row): \(scale.failureText ?? "")")
      }
    }
  }

  /// A neighbour of each number is outside, but where the number before the rounding lies next to a tie.
  @Test func theNextNumberIsOutside() throws {
    var (outside, all) = (0, 0)
    for row in Self.rows where row.numbers.contains(where: { $0 != 0 }) {
      for place in row.numbers.indices {
        var numbers = row.numbers
        let scheme = try #require(QuantizeLayer.Scheme(rawValue: row.scheme))
        let step = Float(QuantizeLayer(scheme).grid.spacing(at: Double(numbers[place].magnitude)))
        numbers[place] += numbers[place] > 0 ? -step : step
        all += 1
        if try Self.judge(row.numbersCase, numbers, in: "f32").verdict == .outside { outside += 1 }
      }
      for scale in [row.scale * (1 + 0x1p-9), row.scale * (1 - 0x1p-9)] where row.scale != 0 && row.scale.isFinite {
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
    // By a scale that is a power of two nothing rounds before.
    for wrong: Float in [1.5, 3] {
      #expect(try Self.judge("quantize scheme=mxfp4 x=[1x2]:4,2", [4, wrong]).verdict == .outside)
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

  // MARK: - Scales that are powers of two

  /// The scales of greatest magnitudes at which the rules part, by hand: of 6, 2^e is 4.
  @Test(arguments: [
    ("floor", 4, 1), ("floor", 7.9, 1), ("floor", 8, 2), ("ceil", 6, 1), ("ceil", 6.01, 2), ("ceil", 3, 0.5),
    ("round", 8.4, 1),
    ("round", 8.5, 2), ("round", 4.3, 1), ("round", 4.2, 0.5), ("ggml-cuda", 5.6, 1), ("ggml-cuda", 5.7, 2),
  ]) func theRuleGivesTheScale(rule: String, greatest: Float, scale: Float) throws {
    let line = "quantize-scale scheme=mxfp4 rule=\(rule) x=[1x2]:\(-greatest),\(greatest / 8)"
    for factor: Float in [0.5, 1, 1.5, 2] {
      let drift = try Self.judge(line, [factor * scale])
      #expect((drift.verdict == .within) == (factor == 1), "\(factor)")
    }
    #expect(try Self.judge(line, [1.5 * scale]).failure == .offGrid)
    let input = try CheckedCase(CaseLine.parse(line))
    #expect(Catalogue.engine(input).elements == [scale])
  }

  /// log₂ of what is next to 4 rounds to 2 in Float32, so that either power is right there, and none beside: 2^(−1) and 1.
  @Test func nextToAnEdgeEitherPowerIsRight() throws {
    let line = "scheme=mxfp4 x=[1x2]:0x1.fffffep+1,0x1p+0"
    for (scale, isRight) in [(0.25, false), (0.5, true), (1, true), (2, false)] as [(Float, Bool)] {
      #expect((try Self.judge("quantize-scale \(line)", [scale]).verdict == .within) == isRight, "\(scale)")
    }
    #expect(try Self.judge("quantize-scale \(line)", [0.25]).failureText?.hasPrefix("wrong number: row 0 ") == true)
    // The numbers of a row are those of one power.
    for (numbers, isRight) in [([6, 2], true), ([4, 1], true), ([6, 1], false), ([4, 2], false)] as [([Float], Bool)] {
      #expect((try Self.judge("quantize \(line)", numbers).verdict == .within) == isRight, "\(numbers)")
    }
    // This engine reads bits, and a power of two has a whole logarithm.
    #expect(try Self.judge("quantize-scale \(line)", [1], in: nil).verdict == .outside)
    #expect(try Self.judge("quantize-scale scheme=mxfp4 x=[1x1]:4", [0.5]).verdict == .outside)
  }

  /// Beyond 6 there is nothing: 7 lies as near to an 8 that E2M1 does not have.
  @Test func whatIsBeyondTheGreatestSaturates() throws {
    let line = "quantize scheme=mxfp4 x=[1x2]:7.5,7"
    for model in [nil, "f32", "f32,formula=half-even", "f32,formula=half-away"] {
      #expect(try Self.judge(line, [6, 6], in: model).verdict == .within)
      #expect(try Self.judge(line, [8, 6], in: model).failure == .offGrid)
      #expect(try Self.judge(line, [6, 4], in: model).verdict == .outside)
    }
  }

  /// E8M0 has neither 0 nor less than 2⁻¹²⁷.
  @Test(arguments: ["0,-0", "0x1p-149,0", "0x1p-126,0x1p-127"]) func theLeastScaleIsThatOfE8M0(numbers: String) throws {
    for scheme in ["mxfp4", "mxfp8", "mxfp8-e5m2"] {
      let line = "quantize-scale scheme=\(scheme) x=[1x2]:\(numbers)"
      #expect(try Self.judge(line, [0x1p-127]).verdict == .within)
      for wrong: Float in [0, 0x1p-128, 0x1p-126, 1] { #expect(try Self.judge(line, [wrong]).verdict == .outside) }
    }
  }

  // MARK: - Scales of E4M3 beside one of the tensor

  /// 37.25 · 1.7 / 6 is 10.554, between 10 and 11; 1.7 · 37.25 / 11 is 5.757, nearest to 6, and 0.5 · 37.25 / 11 is 1.693.
  @Test func aRowsScaleIsOfE4M3BesideTheTensors() throws {
    let line = "scheme=nvfp4 globalScale=37.25 x=[1x3]:-1.7,0.5,0"
    for scale: Float in [10, 11, 12] {
      #expect((try Self.judge("quantize-scale \(line)", [scale]).verdict == .within) == (scale == 11))
    }
    #expect(try Self.judge("quantize-scale \(line)", [10.554]).failure == .offGrid)
    for (numbers, isRight) in [([-6, 1.5, 0], true), ([-6, 2, 0], false), ([-4, 1.5, 0], false)] as [([Float], Bool)] {
      #expect((try Self.judge("quantize \(line)", numbers).verdict == .within) == isRight, "\(numbers)")
    }
  }

  /// 6.375 / 6 is 1.0625, halfway between 1 and 1.125: either scale is right, and the numbers are those of one.
  @Test func atATieEitherScaleIsRight() throws {
    let line = "scheme=nvfp4 x=[1x2]:6.375,1.3"
    for (scale, isRight) in [(0.9375, false), (1, true), (1.125, true), (1.25, false)] as [(Float, Bool)] {
      #expect((try Self.judge("quantize-scale \(line)", [scale]).verdict == .within) == isRight, "\(scale)")
    }
    // 1.3 is nearest to 1.5, and 1.3 / 1.125 = 1.156 to 1.
    for (numbers, isRight) in [([6, 1.5], true), ([6, 1], true), ([6, 2], false)] as [([Float], Bool)] {
      #expect((try Self.judge("quantize \(line)", numbers).verdict == .within) == isRight, "\(numbers)")
    }
    let other = "quantize scheme=nvfp4 x=[1x3]:6.375,1.3,-1.3"
    #expect(try Self.judge(other, [6, 1.5, -1]).failureText?.hasPrefix("wrong number: row 0 ") == true)
    // This engine takes the even one.
    #expect(try Self.judge("quantize-scale \(line)", [1.125], in: nil).verdict == .outside)
  }

  /// A scale that E4M3 rounds to 0 makes the row 0, and one beyond 448 becomes that.
  @Test func aRowsScaleMayVanishOrSaturate() throws {
    let small = "scheme=nvfp4 x=[1x2]:0x1p-9,-0x1p-12"
    #expect(try Self.judge("quantize-scale \(small)", [0]).verdict == .within)
    #expect(try Self.judge("quantize \(small)", [0, 0]).verdict == .within)
    #expect(try Self.judge("quantize \(small)", [6, -1]).verdict == .outside)
    let great = "scheme=nvfp4 globalScale=896 x=[1x2]:100,-2"
    #expect(try Self.judge("quantize-scale \(great)", [448]).verdict == .within)
    #expect(try Self.judge("quantize \(great)", [6, -4]).verdict == .within)
  }

  // MARK: - Scales with a sign

  @Test func theFirstOfTheGreatestMagnitudeHasTheSign() throws {
    for (x, sign) in [("3,-3", -1), ("-3,3", 1), ("-3,1", 1), ("1,3", -1)] as [(String, Float)] {
      let scale = sign * 3 / 127
      #expect(try Self.judge("quantize-scale scheme=q8_k x=[1x2]:\(x)", [scale]).verdict == .within)
      #expect(try Self.judge("quantize-scale scheme=q8_k x=[1x2]:\(x)", [-scale]).verdict == .outside)
    }
    #expect(try Self.judge("quantize scheme=q8_k x=[1x2]:3,-3", [-127, 127]).verdict == .within)
    #expect(try Self.judge("quantize scheme=q8_k x=[1x2]:3,-3", [127, -127]).verdict == .outside)
    #expect(try Self.judge("quantize-scale scheme=q8_k x=[1x2]:0,0", [0]).verdict == .within)
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
    (
      ["scheme": "int4"],
      "'scheme' is 'int4', expected one of int8, q8_0, q8_k, fp8, fp8-e5m2, mxfp4, mxfp8, mxfp8-e5m2, nvfp4"
    ),
    (["least": "some"], "'least' is 'some', expected a number"),
    (["bits": "8"], "there are globalScale, least, rule, scheme"),
  ]) func whatCannotBeFixedIsRefused(_ texts: [String: String], _ problem: String) {
    #expect { try FixedAttributes(texts, of: [.quantize, .quantizeScale]) } throws: { "\($0)".contains(problem) }
  }
}
