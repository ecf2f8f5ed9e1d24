import PlumbCases
import PlumbExact
import PlumbFuzzing
import PlumbModel
import PlumbMutants
import Testing

@testable import PlumbVerdicts

/// The filter against the exact path, with which it shares neither arithmetic nor enclosures.
@Suite struct FilterTests {
  private static let pairs = LayerKind.allCases.flatMap { layer in Strategy.allCases.map { (layer, $0) } }

  private func rational(_ value: Double) throws -> Rational { try #require(Rational(exactly: value)) }

  /// Each exact value and bound lies where the filter says.
  @Test(arguments: pairs) func whatTheFilterKnowsIsSo(layer: LayerKind, strategy: Strategy) throws {
    let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 41)
    for number in 0..<4 * CaseTests.effort {
      let input = try CheckedCase(generator.makeCase(number))
      guard let filtered = Filter.expectation(of: input) else { continue }
      let exact = try #require(try Catalogue.expectation(of: input, precision: 192))
      let line = "plumb fuzz \(layer.rawValue) --replay '\(CaseLine(input.source).text)'"
      try FilterAgreement.check(filtered, exact, line)
    }
  }

  /// The engine's outputs, those of every mutant, and the engine's moved by a few Float32s.
  @Test(arguments: pairs) func theFilterNeverContradictsTheExactPath(layer: LayerKind, strategy: Strategy) throws {
    let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 42)
    for number in 0..<2 * CaseTests.effort {
      let input = try CheckedCase(generator.makeCase(number))
      guard let filtered = Filter.expectation(of: input) else { continue }
      var judge = CaseJudge(input)
      let engine = Catalogue.engine(input)
      let moves: [@Sendable (Float) -> Float] = [
        \.nextUp, \.nextDown, { $0.nextUp.nextUp }, { -$0 }, { $0 * 1.5 }, { $0 + .ulpOfOne }, { _ in .nan },
      ]
      for output in [engine] + moves.map({ engine.map($0) }) + Mutant.of(layer).map({ $0.output(input) }) {
        if filtered.decide(output) == nil { continue }
        let line = "plumb fuzz \(layer.rawValue) --replay '\(CaseLine(input.source).text)'"
        FilterAgreement.check(filtered, output, judge.decideExactly(output), line)
      }
    }
  }

  private static let models = [
    "f32", "bf16", "f16", "tf32,order=8-lanes", "f32,flush-to-zero,elementary=100", "bf16,faithful",
    "f16,unit=h100,order=sequence", "bf16,unit=h100-fp8,factors=e4m3",
  ]

  private static let modelled = LayerKind.allCases.filter(Catalogue.isModelled).flatMap { layer in
    models.map { (layer, $0) }
  }

  /// The same of other arithmetics: exact values and bounds lie where the filter says, and no output is decided otherwise.
  @Test(arguments: modelled) func everyArithmeticHasAFilter(layer: LayerKind, name: String) throws {
    let arithmetic = try Arithmetic(parsing: name)
    guard case .model(let model) = arithmetic else { return }
    // Without more effort two strategies, which take turns from layer to layer and from arithmetic to arithmetic.
    let turn = (LayerKind.allCases.firstIndex(of: layer) ?? 0) + (Self.models.firstIndex(of: name) ?? 0)
    let strategies = Strategy.allCases
    let two = [0, 2].map { strategies[(turn + $0) % strategies.count] }
    let tried = CaseTests.effort > 1 ? strategies : two
    for strategy in tried {
      let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 47)
      for number in 0..<CaseTests.effort {
        let input = try CheckedCase(arithmetic.prepared(generator.makeCase(number)))
        guard let filtered = Filter.expectation(of: input, in: arithmetic) else { continue }
        let exact = try #require(try Catalogue.expectation(of: input, precision: 192))
        let line = "plumb fuzz \(layer.rawValue) --arithmetic \(name) --replay '\(CaseLine(input.source).text)'"
        try FilterAgreement.check(filtered, exact.bounded(by: Catalogue.tracked(input, in: model)), line)
        let engine = Catalogue.engine(input).map { model.storage.nearest(to: $0) }
        let outputs = [
          engine, engine.map(\.nextUp), engine.map { -$0 }, engine.map { $0 * 1.5 }, engine.map { _ in .nan },
        ]
        for output in outputs where filtered.decide(output) != nil {
          FilterAgreement.check(filtered, output, try arithmetic.judge(input, output: output), line)
        }
      }
    }
  }

  /// A filter that decides little is no filter.
  @Test(arguments: [
    LayerKind.softmax, .logSoftmax, .crossEntropy, .rmsNorm, .layerNorm, .linear, .unembedding, .attentionScores,
    .attentionValues, .residualAdd, .gate, .learnedPosition, .embedding, .relu, .silu, .geluTanh, .cosineSimilarity,
    .scale, .clampedGate, .clamp,
  ]) func almostEveryCaseIsDecided(layer: LayerKind) throws {
    let run = FuzzRun(layer: layer, strategies: Strategy.allCases, seed: 46)
    var (count, decided) = (0, 0)
    for number in 0..<(layer == .attentionScores ? 400 : 200) {
      let input = try CheckedCase(run.makeCase(number))
      // Soft caps and linear biases are left to the exact path.
      if ["softCap", "alibi"].contains(where: { input.source.attributes[$0] ?? .real(0) != .real(0) }) { continue }
      count += 1
      if Filter.judge(input) != nil { decided += 1 }
    }
    #expect(count >= 50 && decided >= count * 97 / 100, "\(decided) of \(count)")
  }

  @Test func sumsAndProductsLoseNothing() throws {
    var source = SeededSource(seed: 44, stream: "error-free", index: 0)
    for _ in 0..<2000 {
      let (a, b) = (
        Double.random(in: -1...1, using: &source)
          * Double(sign: .plus, exponent: .random(in: -90...90), significand: 1),
        Double.random(in: -1...1, using: &source)
      )
      let (sum, rest) = ErrorFree.sum(a, b)
      #expect(try rational(sum) + rational(rest) == rational(a) + rational(b))
      let (product, lost) = ErrorFree.product(a, b)
      #expect(try rational(product) + rational(lost) == rational(a) * rational(b))
    }
  }

  /// The worst relative error against enclosures, at random and at the ends of every interval of the proof.
  @Test func exponentialAndLogarithmAreAsAccurateAsProved() throws {
    var source = SeededSource(seed: 45, stream: "functions", index: 0)
    let unit: Rational = Rational(significand: 1, exponent: -53)
    for index in 0..<1500 {
      let half = Double(index % 2000 - 1000) * 0.34657359027997264
      let x = index < 1000 ? Double.random(in: -690...10, using: &source) : max(-690, half.nextUp)
      let rest = Double.random(in: -0x1p-41...0x1p-41, using: &source)
      let exact = try Ball.exp(Ball(try rational(x) + rational(rest)), precision: 120)
      let error = (try rational(Filter.exponential(x, rest)) - exact.midpoint).magnitude
      #expect(error <= 2 * unit * exact.midpoint, "\(x)")
      let s =
        Double.random(in: 0...1, using: &source) * Double(sign: .plus, exponent: .random(in: -60...20), significand: 1)
      let logarithm = try Ball.log1p(Ball(try rational(s)), precision: 120)
      let off = (try rational(Filter.logarithmOfOnePlus(s)) - logarithm.midpoint).magnitude
      #expect(off <= 12 * unit * logarithm.midpoint, "\(s)")
    }
  }
}
