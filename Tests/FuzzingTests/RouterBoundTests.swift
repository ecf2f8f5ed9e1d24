import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Either choice is right where two experts' numbers lie within rounding of each other, and elsewhere only one.
@Suite struct RouterBoundTests {
  private func drift(_ line: String, _ output: [Float], in model: String? = nil) throws -> LocalDrift {
    let input = try CheckedCase(try CaseLine.parse(line))
    let output = Activation(shape: [1, output.count], elements: output)
    guard let model else { return Catalogue.judge(input, output: output) }
    return try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: model))
  }

  /// The softmax over the first two of 1, 2, 0 is 1/(1 + e) and e/(1 + e), computed by mpmath.
  private static let (lesser, greater): (Float, Float) = (0.26894142, 0.73105858)

  @Test func anotherExpertIsNamedWithItsMargin() throws {
    let line = "router logits=[1x3]:1,2,0"
    #expect(try drift(line, [Self.lesser, Self.greater, 0]).verdict == .within)
    for model in [nil, "f32", "bf16"] {
      // The softmax of 2 and 0 is 1/(1 + e⁻²) and 1/(1 + e²).
      let drift = try drift(line, [0, 0.880797, 0.119202922], in: model)
      #expect(drift.verdict == .outside)
      #expect(drift.failure == .anotherExpert)
      // softmax(1, 2, 0) has 0.24473 and 0.09003: 0.1547 between them.
      let text = try #require(drift.failureText)
      #expect(
        text.hasPrefix("another expert: token 0 is given to expert 2 and not to 0, which the exact scores prefer by"))
    }
    // A wrong weight of the right experts is no other expert.
    #expect(try drift(line, [0.25, 0.75, 0]).failure == .wrongNumber)
  }

  /// The engine compares Float32s as they are: one unit in the last place decides, and of equal ones the index.
  @Test func ourEnginesChoiceHasNoError() throws {
    let next = Float(1).nextUp
    let line = "router chosen=1 logits=[1x3]:0x1p+0,0x1.000002p+0,0x1p+0"
    #expect(next == 0x1.000002p+0)
    #expect(try drift(line, [0, 1, 0]).verdict == .within)
    #expect(try drift(line, [1, 0, 0]).verdict == .outside)
    let tied = "router chosen=1 logits=[1x3]:0,1,1"
    #expect(try drift(tied, [0, 1, 0]).verdict == .within)
    #expect(try drift(tied, [0, 0, 1]).verdict == .outside)
  }

  /// Sigmoids that are less than every number of Float64 have shares all the same: 1 of one, ½ of each of two that are equal.
  @Test(arguments: [("chosen=1", "[1x1]:-0x1p+65", [1]), ("chosen=2", "[1x2]:-0x1p+10,-0x1p+10", [0.5, 0.5])])
  func vanishingSigmoidsHaveShares(chosen: String, logits: String, shares: [Float]) throws {
    let input = try CheckedCase(try CaseLine.parse("router \(chosen) score=sigmoid logits=\(logits)"))
    #expect(Catalogue.engine(input).elements == shares)
    #expect(Catalogue.judge(input).verdict == .within)
  }

  /// Another engine may take equal logits in any order, and compare scores that it has rounded; it may not take a third.
  @Test func ofOthersEitherIsRightWhereRoundingDecides() throws {
    let line = "router chosen=1 logits=[1x3]:0x1p+0,0x1.000002p+0,-0x1p+1"
    for output: [Float] in [[1, 0, 0], [0, 1, 0]] { #expect(try drift(line, output, in: "f32").verdict == .within) }
    #expect(try drift(line, [0, 0, 1], in: "f32").verdict == .outside)
    // 1 and 2 are apart for every engine, even in bfloat16.
    #expect(try drift("router chosen=1 logits=[1x2]:1,2", [1, 0], in: "bf16").verdict == .outside)
  }

  /// With a bias scores are compared: σ(0) + 0.5 and σ(2) + 0.1 are 1 and 0.98080 (mpmath), σ(3) + 0 is 0.95257.
  @Test func aBiasMovesTheChoiceAndNotTheWeights() throws {
    let line = "router chosen=1 score=sigmoid renormalised=false bias=[3]:0.5,0.1,0 logits=[1x3]:0,2,3"
    #expect(try drift(line, [0.5, 0, 0]).verdict == .within)
    #expect(try drift(line, [1, 0, 0]).failure == .wrongNumber)
    #expect(try drift(line, [0, 0, 0.95257413]).failure == .anotherExpert)
  }

  /// Groups {0, 1} and {2, 3}: by the greatest, 3 is the best; by the sum of two, 2 + 2 is above 3 − 2 of the logits, and so it is of
  /// the sigmoids 0.8808 + 0.8808 and 0.9526 + 0.1192.
  @Test func groupsAreKeptByTheirScore() throws {
    let logits = "logits=[1x4]:2,2,3,-2"
    let base = "router chosen=1 score=sigmoid renormalised=false groups=2 keptGroups=1"
    #expect(try drift("\(base) \(logits)", [0, 0, 0.95257413, 0]).verdict == .within)
    let sum = "\(base) groupScore=sum-of-two \(logits)"
    #expect(try drift(sum, [0.880797, 0, 0, 0]).verdict == .within)
    #expect(try drift(sum, [0, 0, 0.95257413, 0]).failure == .anotherExpert)
  }

  /// Weights of every choice among equals lie within what is claimed, also where more are equal than may be tried one by one.
  @Test func manyEqualExpertsMayBeChosenInAnyOrder() throws {
    let count = 64
    let logits = (0..<count).map { _ in "0x1p-100" }.joined(separator: ",")
    let line = "router chosen=4 logits=[1x\(count)]:\(logits)"
    var output = [Float](repeating: 0, count: count)
    for expert in [3, 17, 40, 63] { output[expert] = 0.25 }
    #expect(try drift(line, output, in: "f32").verdict == .within)
    output[5] = 0.5
    #expect(try drift(line, output, in: "f32").verdict == .outside)
  }

  @Test(arguments: [
    ("chosen=4 logits=[1x3]:1,2,0", "attribute 'chosen' is 4, expected 1 to the 3 experts"),
    ("chosen=0 logits=[1x3]:1,2,0", "attribute 'chosen' is 0, expected 1 to the 3 experts"),
    ("groups=2 logits=[1x3]:1,2,0", "1 of 2 groups cannot be kept of 3 experts"),
    ("keptGroups=2 logits=[1x3]:1,2,0", "attribute 'keptGroups' is 2, but there is one group"),
    ("factor=0 logits=[1x3]:1,2,0", "attribute 'factor' must be a positive, finite number"),
  ]) func badCasesAreRefused(_ words: String, _ problem: String) throws {
    let input = try CaseLine.parse("router \(words)")
    #expect { try CheckedCase(input) } throws: { "\($0)".contains(problem) }
  }

  @Test func anExpertNamedTwiceIsRefused() throws {
    let line = "router-backward logits=[1x3]:1,2,0 choice=#[1x2]:1,1 gradient=[1x2]:1,1"
    let input = try CaseLine.parse(line)
    #expect { try CheckedCase(input) } throws: { "\($0)".contains("'choice' names one of the experts twice in row 0") }
  }
}
