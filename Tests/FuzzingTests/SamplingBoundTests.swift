import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Either set is right where the mass of the likeliest token lies within rounding of top-p, and elsewhere only one.
///
/// With d = −1.5·2⁻²⁰, 1/(1 + e^d) is 0x1.00000cp-1 − 6.1·10⁻²⁰ (computed by mpmath with 60 digits).
@Suite struct SamplingBoundTests {
  private func verdict(topP: String, _ output: [Float]) throws -> Verdict {
    let line = "sampling topK=2 topP=\(topP) logits=[1x3]:0x0p+0,-0x1.8p-20,-0x1p+0"
    let input = try CheckedCase(try CaseLine.parse(line))
    return Catalogue.judge(input, output: Activation(shape: [1, 3], elements: output)).verdict
  }

  private static let both: [Float] = [0x1.00000cp-1, 0x1.ffffe8p-2, 0]

  @Test func eitherSetIsRightWhereRoundingDecides() throws {
    #expect(try verdict(topP: "0x1.00000cp-1", Self.both) == .within)
    #expect(try verdict(topP: "0x1.00000cp-1", [1, 0, 0]) == .within)
    // What top-k removes is 0 all the same.
    #expect(try verdict(topP: "0x1.00000cp-1", [1, 0, 0x1p-149]) == .outside)
  }

  @Test func elsewhereAWrongSetIsOutside() throws {
    #expect(try verdict(topP: "0x1.00000ep-1", Self.both) == .within)
    #expect(try verdict(topP: "0x1.00000ep-1", [1, 0, 0]) == .outside)
    #expect(try verdict(topP: "0x1.00000ap-1", [1, 0, 0]) == .within)
    #expect(try verdict(topP: "0x1.00000ap-1", Self.both) == .outside)
  }

  /// Masses of equally likely tokens are whole numbers, in the engine too.
  @Test func equallyLikelyTokensLeaveNoDoubt() throws {
    let input = try CheckedCase(try CaseLine.parse("sampling topP=0x1p-1 logits=[1x4]:0x1p+0,0x1p+0,0x1p+0,0x1p+0"))
    func verdict(_ output: [Float]) throws -> Verdict {
      Catalogue.judge(input, output: Activation(shape: [1, 4], elements: output)).verdict
    }
    #expect(try verdict([0.5, 0.5, 0, 0]) == .within)
    #expect(Catalogue.engine(input).elements == [0.5, 0.5, 0, 0])
    #expect(try verdict([0, 0, 0.5, 0.5]) == .outside)
    #expect(try verdict([0x1.555556p-2, 0x1.555556p-2, 0x1.555556p-2, 0]) == .outside)
  }

  // MARK: - Other engines

  private func verdict(_ line: String, _ output: [Float], in model: String) throws -> Verdict {
    let input = try CheckedCase(try CaseLine.parse(line))
    let output = Activation(shape: [1, output.count], elements: output)
    return try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: model)).verdict
  }

  /// At temperature 2 the likeliest of 1, 0 and −1 has e⁰/(e⁰ + e^−½ + e^−1) = 0.506, at temperature 1 it has 0.665: whether it
  /// is three fifths depends on what comes first.
  @Test func theTemperatureMayComeFirst() throws {
    let line = "sampling temperature=2 topP=0.6 logits=[1x3]:1,0,-1"
    // e^½/(1 + e^½), computed by mpmath.
    let (alone, two): ([Float], [Float]) = ([1, 0, 0], [0.62245935, 0.37754068, 0])
    for (formula, right, wrong) in [("temperature-last", alone, two), ("temperature-first", two, alone)] {
      #expect(try verdict(line, right, in: "f32,formula=\(formula)") == .within)
      #expect(try verdict(line, wrong, in: "f32,formula=\(formula)") == .outside)
      #expect(try verdict(line, right, in: "f32") == .within)
    }
    // No sampler gives what lies between the two.
    #expect(try verdict(line, [0.8, 0.2, 0], in: "f32") == .outside)
  }

  /// A sort that is not stable may take either of two equal tokens, and no token that is less likely.
  @Test func equalTokensMayBeTakenInAnyOrder() throws {
    let line = "sampling topK=2 logits=[1x4]:2,1,1,0"
    // 1/(1 + e^−1) and the rest.
    for output in [[0.7310586, 0.26894143, 0, 0], [0.7310586, 0, 0.26894143, 0]] as [[Float]] {
      #expect(try verdict(line, output, in: "f32") == .within)
    }
    #expect(try verdict(line, [0.7310586, 0, 0, 0.26894143], in: "f32") == .outside)
    #expect(try verdict("sampling temperature=0 logits=[1x3]:1,1,0", [0, 1, 0], in: "f32") == .within)
    #expect(try verdict("sampling temperature=0 logits=[1x3]:1,1,0", [0, 0, 1], in: "f32") == .outside)
  }

  /// A token that a grammar or a mask excludes is at −∞.
  @Test func maskedTokensAreJudged() throws {
    let line = "sampling topP=0x1.ccccccp-1 logits=[1x3]:-inf,1,0"
    for model in ["f32", "bf16"] {
      #expect(try verdict(line, [0, 0.7310586, 0.26894143], in: model) == .within)
      #expect(try verdict(line, [0x1p-30, 0.7310586, 0.26894143], in: model) == .outside)
    }
    let input = try CheckedCase(try CaseLine.parse(line))
    #expect(Catalogue.judge(input, output: Catalogue.engine(input)).verdict == .within)
    let masked = try CheckedCase(try CaseLine.parse("sampling logits=[1x2]:-inf,-inf"))
    #expect(Catalogue.judge(masked, output: Catalogue.engine(masked)).verdict == .outsideDomain)
  }

  /// Stored in binary16 the probabilities of a large vocabulary are subnormal.
  ///
  /// The power of one token, e^−4.6953125, is 0.00914 of each other's:
  /// 5.0003·10⁻⁵ and 4.572·10⁻⁷ are 838.9 and 7.67 units of 2⁻²⁴, stored as 839 and 8, and a hundredth of the former is stored as 8.
  @Test func storedProbabilitiesMayUnderflow() throws {
    var logits = [Float](repeating: 0, count: 20_000)
    logits[7] = -4.6953125
    let minP = LayerCase(
      layer: .sampling, attributes: ["minP": .real(0.01)],
      tensors: ["logits": .real(Activation(shape: [1, logits.count], elements: logits))])
    let unit = Float(0x1p-24)
    let kept = logits.map { $0 == 0 ? 839 * unit : 8 * unit }
    func verdict(_ model: String) throws -> Verdict {
      try Catalogue.judge(
        try CheckedCase(minP), output: Activation(shape: [1, kept.count], elements: kept),
        in: ArithmeticModel(parsing: model)
      ).verdict
    }
    #expect(try verdict("f16") == .within)
    #expect(try verdict("f16,steps=kept") == .outside)
  }

  /// A tree of sums in bfloat16 makes 511 of 512 equal tokens all there is.
  @Test func narrowSumsMayReachTheMassEarly() throws {
    let zeros = [String](repeating: "0", count: 512).joined(separator: ",")
    let line = "sampling topP=0x1.ff8p-1 logits=[1x512]:\(zeros)"
    let output = (0..<512).map { $0 < 511 ? Float(1) / 511 : 0 }
    #expect(try verdict(line, output, in: "f32,sums=bf16") != .outside)
    #expect(try verdict(line, output, in: "f32") == .outside)
  }

  /// A tolerance is about one function.
  @Test func aToleranceNamesTheReading() throws {
    let input = try CheckedCase(try CaseLine.parse("sampling temperature=2 topP=0.6 logits=[1x3]:1,0,-1"))
    let error = #expect(throws: ArithmeticError.self) { try SoundTolerance.answer(input, in: .f32) }
    #expect(error?.problem.contains("formula=") ?? false)
    _ = try SoundTolerance.answer(input, in: ArithmeticModel(parsing: "f32,formula=temperature-first"))
  }

  /// Rounded to bfloat16 a logit of 254 moves by as much as 1, and log min-p with it: the other token, of e^−304 = 9.4·10⁻¹³³, may be
  /// kept, and then Float32 makes it 0 or its least number.
  @Test func aGreatLogitHidesTheLimit() throws {
    let line = "sampling minP=0x1.0c6f7ap-20 logits=[1x2]:-50,254"
    for output in [[0, 1], [0x1p-149, 1]] as [[Float]] {
      #expect(try verdict(line, output, in: "bf16") == .within)
      #expect(try verdict(line, output, in: "f32") == (output[0] == 0 ? .within : .outside))
    }
  }
}
