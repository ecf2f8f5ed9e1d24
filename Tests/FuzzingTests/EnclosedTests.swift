import PlumbCases
import PlumbExact
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

@testable import PlumbGrading
@testable import PlumbMutants

/// The enclosures of a bug in exact arithmetic, held against what knows nothing of it: the reference where the bug is a layer
/// without one on another case, and the engine in Float64 that has the bug.
@Suite struct EnclosedTests {
  static let enclosed = Mutant.all.filter { $0.enclosed != nil }
  private static let strategies = [Strategy.random, .edge, .exact, .illConditioned]

  private static func cases(_ layer: LayerKind, _ count: Int) throws -> [CheckedCase] {
    try strategies.flatMap { strategy in
      let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 3)
      return try (0..<count).map { try CheckedCase(generator.makeCase($0)) }
    }
  }

  private static func result(
    _ mutant: Mutant, _ input: CheckedCase, in arithmetic: ArithmeticModel = .f32
  ) throws -> [Enclosed] {
    try #require(mutant.enclosed?.result(CaseInput(input, in: EnclosureContext(arithmetic)))).elements
  }

  @Test func everyBugOfALayerWithAFormulaIsEnclosed() {
    for layer in LayerKind.allCases {
      #expect(Mutant.of(layer).allSatisfy { ($0.enclosed != nil) == Catalogue.hasFormula(layer) }, "\(layer)")
    }
  }

  /// An engine that computes more accurately than the arithmetic asks is within what is said of it.
  @Test(arguments: enclosed.map { "\($0.layer.rawValue) \($0.name)" })
  func theEngineWithTheBugIsWithin(_ name: String) throws {
    let mutant = try #require(Self.enclosed.first { "\($0.layer.rawValue) \($0.name)" == name })
    var known = 0
    // A composition is made of layers that are tried by themselves.
    let isComposed = [.attention, .feedForward, .gatedFeedForward].contains(mutant.layer)
    for input in try Self.cases(mutant.layer, (isComposed ? 1 : 2) * CaseTests.effort) {
      let output = mutant.output(input)
      var kept = [(ArithmeticModel.f32, output), (.bf16, output.kept(in: .bfloat16))]
      if CaseTests.effort > 1 { kept.append((.tf32, output)) }
      for (arithmetic, stored) in kept {
        let result = try Self.result(mutant, input, in: arithmetic)
        #expect(result.count == output.elements.count)
        for (index, element) in result.enumerated() {
          let margin = EnclosedMargin.decided([stored.elements[index]], [element]) { _ in true }
          #expect(
            margin ?? 0 <= 1,
            "\(arithmetic) \(CaseLine(input.source).text) \(index): \(stored.elements[index]) \(element)")
          if margin != nil { known += 1 }
        }
      }
    }
    #expect(known > 0)
  }

  /// Each case of a bug that is another case, with that one.
  private static func pairs(_ mutant: Mutant) throws -> [(CheckedCase, CheckedCase)] {
    try cases(mutant.layer, 10).compactMap { input in mutant.restated(input).map { (input, $0) } }
  }

  /// The bugs whose other case has the exact value that the bug has: a number that a bug computes would be the nearest Float32
  /// there, and its exact value another.
  private static let restated = enclosed.filter { $0.restatement != nil }.filter { mutant in
    let pairs = (try? pairs(mutant)) ?? []
    return !pairs.contains { input, other in
      other.source.changes(from: input.source).contains {
        if case .real = other.source.attributes[$0] { true } else { false }
      }
    }
  }

  /// The exact value of the reference is in the enclosure, for bugs that are another case.
  @Test(arguments: restated.map { "\($0.layer.rawValue) \($0.name)" })
  func theExactValueIsEnclosed(_ name: String) throws {
    let mutant = try #require(Self.enclosed.first { "\($0.layer.rawValue) \($0.name)" == name })
    let met = try Self.pairs(mutant).reduce(0) { try $0 + Self.meet($1.1, Self.result(mutant, $1.0), $1.0) }
    #expect(met > 0)
  }

  @Test(arguments: Set(enclosed.map(\.layer)).sorted { $0.rawValue < $1.rawValue })
  func theExactValueOfTheLayerIsEnclosed(_ layer: LayerKind) throws {
    var met = 0
    for input in try Self.cases(layer, 4 * CaseTests.effort) {
      met += try Self.meet(input, Self.result(.control(of: layer), input), input)
    }
    #expect(met > 0)
  }

  /// How many enclosures hold the exact value of `input`; those that say nothing, and elements without a value, aside.
  private static func meet(_ input: CheckedCase, _ enclosures: [Enclosed], _ shown: CheckedCase) throws -> Int {
    guard let expectation = try Catalogue.expectation(of: input, precision: 256) else { return 0 }
    var met = 0
    for (index, ball) in expectation.exact.elements.enumerated() where expectation.holdsValue?(index) ?? true {
      let value = enclosures[index].tracked
      guard enclosures[index].special == nil, !value.isOutside else { continue }
      let (lower, upper) = (try #require(Rational(exactly: value.lower)), try #require(Rational(exactly: value.upper)))
      #expect(ball.lower <= upper && ball.upper >= lower, "\(CaseLine(shown.source).text) \(index)")
      met += 1
    }
    return met
  }

  /// Weights that are rounded from a quantised tensor's are half a spacing from the exact ones, up or down.
  @Test func weightsThatWereRoundedAreEnclosed() throws {
    let generator = CaseGenerator(layer: .linear, strategy: .random, seed: 9)
    var held = 0
    for number in 0..<20 {
      let input = try CheckedCase(generator.makeCase(number))
      let (x, weight) = (input.real("x"), input.real("weight"))
      guard x.rows > 0, weight.rows > 0, weight.columns > 0, input.optionalReal("bias") == nil else { continue }
      var plain = CaseInput(input, in: EnclosureContext(.f32))
      plain.weightError = 0x1p-24
      let result = try #require(Mutant.control(of: .linear).enclosed?.result(plain)).elements[0].tracked
      guard !result.isOutside else { continue }
      held += 1
      for isUp in [true, false] {
        // All terms moved the same way: the farthest that the sum can be.
        let sum = try (0..<weight.columns).reduce(Rational(0)) { sum, index in
          let (a, b) = (
            try #require(Rational(exactly: Double(weight.elements[index]))),
            try #require(Rational(exactly: Double(x.elements[index])))
          )
          let away = (a * b).magnitude * (try #require(Rational(exactly: 0x1p-24)))
          return sum + a * b + (isUp ? away : -away)
        }
        #expect(try #require(Rational(exactly: result.lower)) <= sum)
        #expect(try #require(Rational(exactly: result.upper)) >= sum)
      }
    }
    #expect(held > 0)
  }

  @Test func whatLiesBeyondItsBoundIsNotExplained() throws {
    let mutant = try #require(Mutant.of(.rmsNorm).first { $0.name == "n-minus-1" })
    let generator = CaseGenerator(layer: .rmsNorm, strategy: .random, seed: 5)
    let input = try CheckedCase(generator.makeCase(0))
    let result = try Self.result(mutant, input)
    let index = try #require(result.firstIndex { !$0.tracked.isOutside && $0.tracked.error > 0 })
    let value = result[index].tracked
    func margin(_ dumped: Double) -> Double? { EnclosedMargin.decided([Float(dumped)], [result[index]]) { _ in true } }
    #expect(try #require(margin(value.upper + 3 * value.error)) > 2)
    #expect(try #require(margin(value.upper + value.error / 2)) < 1)
    #expect(margin(.infinity) == .infinity)
    #expect(EnclosedMargin.decided([0], [Enclosed(.outside)]) { _ in true } == nil)
    #expect(EnclosedMargin.decided([0], [Enclosed(.outside)]) { _ in false } == 0)
  }
}
