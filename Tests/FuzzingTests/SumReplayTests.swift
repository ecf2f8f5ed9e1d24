import PlumbCases
import PlumbExact
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Sums in a complete order, replayed bit by bit; the truth here is each addition of rationals, rounded by the exact library.
@Suite struct SumReplayTests {
  private static func rounded(_ exact: Rational) -> Rational {
    Rational(exactly: Double(exact.rounded(to: Float.self, .toNearestOrEven))) ?? .zero
  }

  /// The numbers as rationals.
  private static func rationals(_ numbers: [Float]) -> [Rational] {
    numbers.map { Rational(exactly: Double($0)) ?? .zero }
  }

  /// The sum of products where lane j adds the terms j, j + count, …, and lanes are joined as `pairs` says.
  private static func sum(
    _ x: [Float], _ y: [Float], lanes count: Int, isFused: Bool, pairs: [[(Int, Int)]]
  ) -> Rational {
    let products = zip(rationals(x), rationals(y)).map { $0 * $1 }
    var lanes = [Rational](repeating: .zero, count: count)
    for (place, product) in products.enumerated() {
      lanes[place % count] = rounded(lanes[place % count] + (isFused ? product : rounded(product)))
    }
    for step in pairs {
      for (to, from) in step { lanes[to] = rounded(lanes[to] + lanes[from]) }
    }
    return lanes[0]
  }

  private static func numbers(_ count: Int, _ random: inout SplitMix64) -> [Float] {
    (0..<count).map { _ in Float.random(in: -1..<1, using: &random) * Float(1 << Int(random.next() % 12)) }
  }

  private static func replay(_ text: String, _ x: [Float], _ y: [Float]) throws -> Tracked {
    let model = try ArithmeticModel(parsing: text)
    return model.dot(x.map { Tracked(Double($0)) }, y.map { Tracked(Double($0)) })
  }

  private static let neighbours = [[(0, 1), (2, 3)], [(0, 2)]]
  private static let halves = [[(0, 2), (1, 3)], [(0, 1)]]

  @Test func aSequenceIsEachAdditionRounded() throws {
    var random = SplitMix64(seed: 3)
    var apart = 0
    for count in [1, 2, 3, 17, 100] {
      for _ in 0..<20 {
        let (x, y) = (Self.numbers(count, &random), Self.numbers(count, &random))
        let unfused = Self.sum(x, y, lanes: 1, isFused: false, pairs: [])
        let fused = Self.sum(x, y, lanes: 1, isFused: true, pairs: [])
        for (word, truth) in [("unfused", unfused), ("fused", fused)] {
          let found = try Self.replay("f32,order=sequence,\(word),replayed", x, y)
          #expect(found.isExact && Rational(exactly: found.upper) == truth, "\(word) \(count)")
        }
        if fused != unfused { apart += 1 }
        // Fused or not: both, and nothing beyond them.
        let either = try Self.replay("f32,order=sequence,replayed", x, y).computed
        #expect(Rational(exactly: either.lower) == min(fused, unfused))
        #expect(Rational(exactly: either.upper) == max(fused, unfused))
      }
    }
    #expect(apart > 20, "\(apart)")
  }

  @Test func lanesAreJoinedEitherWay() throws {
    var random = SplitMix64(seed: 4)
    for count in [4, 7, 40] {
      for _ in 0..<20 {
        let (x, y) = (Self.numbers(count, &random), Self.numbers(count, &random))
        let ends = [Self.neighbours, Self.halves].map { Self.sum(x, y, lanes: 4, isFused: false, pairs: $0) }
        let found = try Self.replay("f32,order=4-lanes,unfused,replayed", x, y).computed
        #expect(Rational(exactly: found.lower) == ends.min() && Rational(exactly: found.upper) == ends.max())
      }
    }
  }

  @Test func aTreeAddsHalves() throws {
    let x: [Float] = [1, 0x1p-24, 0x1p-24, 0x1p-24, -1]
    // (1 + 2⁻²⁴ + 2⁻²⁴) = 1 rounded to even, then 2⁻²⁴, and 1 − 1: halves of three and two.
    // ((1 + 2⁻²⁴) + 2⁻²⁴) = 1 and (2⁻²⁴ − 1) is exact: together 2⁻²⁴.
    let found = try Self.replay("f32,order=tree,unfused,replayed", x, [Float](repeating: 1, count: 5))
    #expect(found == Tracked(0x1p-24))
    #expect(try Self.replay("f32,order=sequence,unfused,replayed", x, [1, 1, 1, 1, 1]) == Tracked(0))
  }

  /// Every output but the one of the declared order is outside: its neighbours, and the sum with two terms exchanged.
  @Test(arguments: [LayerKind.linear, .unembedding]) func anyOtherBitIsOutside(layer: LayerKind) throws {
    let model = try ArithmeticModel(parsing: "f32,order=sequence,unfused,replayed")
    let generator = CaseGenerator(
      layer: layer, strategy: .random, seed: 6,
      shape: ["tokens": 1, layer == .linear ? "inputs" : "hidden": 24, layer == .linear ? "outputs" : "vocabulary": 4])
    var found = 0
    for number in 0..<60 {
      var source = generator.makeCase(number)
      source.tensors["bias"] = nil
      source.attributes["softCap"] = nil
      let input = try CheckedCase(source)
      let (x, weight) = (try input.tensor("x"), try input.tensor("weight"))
      func output(_ order: [Int]) -> Activation<Float> {
        Activation(
          shape: [1, weight.rows],
          elements: (0..<weight.rows).map { row in
            order.dropFirst().reduce(x.elements[order[0]] * weight.row(row)[weight.row(row).startIndex + order[0]]) {
              $0 + x.elements[$1] * weight.row(row)[weight.row(row).startIndex + $1]
            }
          })
      }
      let right = output(Array(0..<24))
      guard right.elements.allSatisfy(\.isFinite), !right.elements.isEmpty else { continue }
      #expect(try Catalogue.judge(input, output: right, in: model).verdict == .within, "\(input)")
      for next in [right.elements[0].nextUp, right.elements[0].nextDown] {
        var other = right
        other.elements[0] = next
        #expect(try Catalogue.judge(input, output: other, in: model).verdict == .outside, "\(input)")
      }
      var order = Array(0..<24)
      order.swapAt(3 + number % 8, 15)
      let swapped = output(order)
      guard swapped.elements.allSatisfy(\.isFinite) else { continue }
      let differs = swapped.elements != right.elements
      #expect(try Catalogue.judge(input, output: swapped, in: model).verdict == (differs ? .outside : .within))
      if differs { found += 1 }
    }
    #expect(found > 10, "\(found)")
  }

  /// Sums that overflow are bounded as in the same order without replay, and drawn cases of every layer are decided.
  @Test(arguments: [
    LayerKind.linear, .unembedding, .attentionScores, .attentionValues, .residualAdd, .gate, .biasBackward,
    .linearBackward, .linearWeightBackward, .embedding, .learnedPosition,
  ]) func everyDrawnCaseIsDecided(layer: LayerKind) throws {
    for text in [
      "f32,order=sequence,replayed", "f32,order=3-lanes,unfused,replayed", "bf16,order=tree,unfused,replayed",
      "f16,order=sequence,fused,replayed",
    ] {
      let model = try ArithmeticModel(parsing: text)
      for strategy in Strategy.drawn {
        let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 29, mayBeLong: false)
        for number in 0..<12 {
          let input = try CheckedCase(generator.makeCase(number).representable(in: model.inputs))
          // Correctly rounded: inside or outside, but decided.
          let drift = try Catalogue.judge(input, output: Catalogue.engine(input), in: model)
          #expect(drift.verdict != .undecided, "\(text): \(CaseLine(input.source).text)")
        }
      }
    }
    let line = "linear weight=[1x3]:3e38,3e38,1 x=[1x3]:3e38,-3e38,1 bias=[1]:3e38"
    let input = try CheckedCase(try CaseLine.parse(line))
    let replayed = try Catalogue.tracked(input, in: try ArithmeticModel(parsing: "f32,order=sequence,unfused,replayed"))
    let bounded = try Catalogue.tracked(input, in: try ArithmeticModel(parsing: "f32,order=sequence,unfused"))
    #expect(replayed.elements[0].specials == bounded.elements[0].specials)
  }

  @Test func whatIsOpenIsRefused() throws {
    for text in [
      "f32,replayed", "f32,order=tree,replayed", "f32,order=blocks-of-4,unfused,replayed",
      "f32,order=sequence,splits=2,replayed", "tf32,order=sequence,replayed", "f32,order=sequence,faithful,replayed",
      "f32,order=sequence,functions=cuda-fast,replayed", "bf16,order=sequence,steps=stored,replayed",
      "bf16,order=sequence,unit=h100,replayed",
    ] {
      #expect(throws: ArithmeticError.self, "\(text)") { try ArithmeticModel(parsing: text) }
    }
    let text = "bf16,order=4-lanes,fused,replayed"
    let model = try ArithmeticModel(parsing: text)
    #expect(model.description == text && model.summary.contains("replayed"))
    #expect(Catalogue.missingPart(of: .softmax, in: model)?.contains("linear") == true)
    #expect(Catalogue.missingPart(of: .linear, in: model) == nil)
  }
}
