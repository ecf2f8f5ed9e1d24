import PlumbCases
import PlumbExact
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

@testable import PlumbBounds

/// The relations between the answers to two cases, whatever the answers are.
@Suite struct MetamorphicTests {
  private static let effort = 8 * CaseTests.effort

  private static func cases(_ layer: LayerKind, _ strategy: Strategy = .random) throws -> [CheckedCase] {
    let generator = CaseGenerator(layer: layer, strategy: strategy, seed: 61)
    return try (0..<effort).map { try CheckedCase(generator.makeCase($0)) }
  }

  private static func expectation(_ input: CheckedCase) throws -> PlumbBounds.Expectation? {
    try Catalogue.expectation(of: input, precision: 256)
  }

  private static func line(_ input: CheckedCase) -> Comment { "\(CaseLine(input.source).text)" }

  // MARK: - Order

  /// The axes along which a layer adds or compares, and whose order means nothing.
  private static func unorderedAxes(_ input: CheckedCase) -> [String] {
    let isMasked: Bool =
      switch input.source.layer {
      case .attentionScores, .attentionValues, .attention, .sinkAttention, .attentionQueryBackward,
        .attentionKeyBackward, .attentionValueBackward, .attentionSinksBackward:
        input.flag("causal") || input.integer("window") != 0 || input.integer("windowAfter") != 0
          || input.source.attributes["alibi"] ?? .real(0) != .real(0)
      default: false
      }
    return switch input.source.layer {
    case .linear: ["inputs"]
    case .rmsNorm, .layerNorm, .unembedding, .cosineSimilarity: ["hidden"]
    case .softmax, .logSoftmax: ["columns"]
    case .feedForward, .gatedFeedForward: ["hidden", "feedForward"]
    case .attentionScores: ["headSize"] + (isMasked ? [] : ["positions"])
    case .attention, .sinkAttention, .attentionValues, .attentionQueryBackward, .attentionKeyBackward,
      .attentionValueBackward, .attentionSinksBackward:
      ["headSize"] + (isMasked ? [] : ["positions"])
    case .rmsNormBackward, .layerNormBackward: ["hidden"]
    case .rmsNormWeightBackward, .layerNormWeightBackward, .biasBackward, .linearWeightBackward,
      .unembeddingWeightBackward:
      ["tokens"]
    case .linearBackward: ["outputs"]
    case .unembeddingBackward: ["vocabulary"]
    // The ignored target is one of the axis's indices.
    case .crossEntropy, .crossEntropyBackward: input.integer("ignored") < 0 ? ["vocabulary"] : []
    case .softmaxBackward, .logSoftmaxBackward: ["columns"]
    case .gatedFeedForwardBackward: ["hidden", "feedForward"]
    case .experts, .expertsBackward, .expertsWeightsBackward: ["hidden", "feedForward", "chosen"]
    default: []
    }
  }

  /// The engine's output on a case whose terms are in another order is within the bounds of the case itself.
  @Test(
    arguments: LayerKind.allCases.filter { ![.sampling, .router, .embedding, .block, .rotaryEmbedding].contains($0) })
  func permutedTermsStayWithin(layer: LayerKind) throws {
    for input in try Strategy.drawn.flatMap({ try Self.cases(layer, $0) }) {
      var source = SplitMix64(seed: 62)
      for axis in Self.unorderedAxes(input) {
        let keys = (0..<input.extent(axis)).map { _ in source.next() }
        let order = keys.indices.sorted { keys[$0] < keys[$1] }
        let permuted = try CheckedCase(input.source.selecting(order, along: axis))
        var output = Catalogue.engine(permuted)
        if let place = Catalogue.signature(of: layer).output.firstIndex(of: axis) {
          let inverse = order.indices.sorted { order[$0] < order[$1] }
          output = output.selecting(inverse, axis: place)
        }
        let drift = Catalogue.judge(input, output: output)
        #expect(drift.verdict != .outside, Self.line(input))
      }
    }
  }

  // MARK: - Scale

  /// The tensors in which a layer is homogeneous: all of them times 2ᵏ give the output times 2ᵏ.
  private static let homogeneous: [LayerKind: [String]] = [
    .embedding: ["weight"], .learnedPosition: ["x", "weight"], .rmsNorm: ["weight"], .layerNorm: ["weight", "bias"],
    .linear: ["x", "bias"], .rotaryEmbedding: ["x"], .attentionScores: ["query"], .attentionValues: ["value"],
    .attention: ["value"], .sinkAttention: ["value"], .residualAdd: ["x", "residual"], .relu: ["x"], .gate: ["x"],
    .gatedFeedForward: ["down"],
    .feedForward: ["down", "downBias"], .unembedding: ["x"], .scale: ["x"], .rmsNormBackward: ["gradient"],
    .rmsNormWeightBackward: ["gradient"], .layerNormBackward: ["gradient"], .layerNormWeightBackward: ["gradient"],
    .biasBackward: ["gradient"], .linearBackward: ["gradient"], .linearWeightBackward: ["gradient"],
    .unembeddingBackward: ["gradient"], .softmaxBackward: ["gradient"], .logSoftmaxBackward: ["gradient"],
    .crossEntropyBackward: ["gradient"], .reluBackward: ["gradient"], .geluBackward: ["gradient"],
    .geluTanhBackward: ["gradient"], .siluBackward: ["gradient"], .rotaryEmbeddingBackward: ["gradient"],
    .embeddingBackward: ["gradient", "before"], .attentionQueryBackward: ["gradient"],
    .attentionKeyBackward: ["gradient"], .attentionValueBackward: ["gradient"],
    .attentionSinksBackward: ["gradient"], .unembeddingWeightBackward: ["gradient"],
    .gatedFeedForwardBackward: ["gradient"], .experts: ["weights"], .expertsBackward: ["gradient"],
    .expertsWeightsBackward: ["gradient"], .routerBackward: ["gradient"], .clampedGateBackward: ["gradient"],
    .clampedGateUpBackward: ["gradient"],
  ]

  /// `number` with an exponent from −8 to 7, so that nothing comes near an end of the format.
  private static func moderate(_ number: Float) -> Float {
    guard number.isNormal else { return 0 }
    let exponent = ((Int(number.exponent) % 16) + 16) % 16 - 8
    return Float(sign: number.sign, exponent: exponent, significand: number.significand)
  }

  private static func mapped(
    _ input: LayerCase, _ names: [String]? = nil, transform: (Float) -> Float
  ) -> LayerCase {
    var result = input
    for (name, tensor) in input.tensors where names?.contains(name) ?? true {
      if case .real(let numbers) = tensor { result.tensors[name] = .real(numbers.map(transform)) }
    }
    return result
  }

  /// A bound holds a part proportional to the numbers and one of underflow, which 2ᵏ leaves alone: with k > 0 the bound of the
  /// scaled case is at most 2ᵏ times the bound; and it is less by no more than 2ᵏ times a few 2⁻¹⁴⁹ a term, and the rounding of
  /// bounds to 32 bits.
  @Test(arguments: homogeneous.keys.sorted { $0.rawValue < $1.rawValue })
  func scalingByAPowerOfTwoScalesTheBound(layer: LayerKind) throws {
    let k = 5
    for input in try Self.cases(layer) {
      var moderate = Self.mapped(input.source, transform: Self.moderate)
      // With a soft cap, a linear bias, or 1 + weight, a layer is not homogeneous; a scale or an epsilon may leave the range.
      for name in ["softCap", "alibi", "scale", "epsilon", "addsOne"] { moderate.attributes[name] = nil }
      let scaled = Self.mapped(moderate, Self.homogeneous[layer]) { $0 * Float(1 << k) }
      guard let (before, after) = try pair(moderate, scaled) else { continue }
      let terms = input.extents.values.reduce(1, *)
      for index in before.exact.elements.indices where before.holdsValue?(index) ?? true {
        #expect(
          after.exact.elements[index].overlaps(before.exact.elements[index].scaled(byPowerOfTwo: k)), Self.line(input))
        guard let bound = before.bounds[index], let greater = after.bounds[index] else { continue }
        let expected = bound * Rational(1 << k)
        let slack =
          expected * Rational(significand: 1, exponent: -30)
          + Rational(significand: Integer(terms * 8), exponent: k - 149)
        #expect(greater <= expected && greater >= expected - slack, Self.line(input))
      }
    }
  }

  private func pair(_ a: LayerCase, _ b: LayerCase) throws -> (PlumbBounds.Expectation, PlumbBounds.Expectation)? {
    guard let first = try Self.expectation(try CheckedCase(a)), let second = try Self.expectation(try CheckedCase(b))
    else { return nil }
    return (first, second)
  }

  // MARK: - Formats

  /// A kernel that keeps more bits of every number may do no worse: on the same numbers no bound is greater, and what is claimed
  /// of the narrow arithmetic is claimed of the wide one.
  @Test(arguments: LayerKind.allCases.filter(Catalogue.isModelled), ["bf16", "f16", "tf32"])
  func aWiderFormatNeverLoosens(layer: LayerKind, narrow: String) throws {
    let narrow = try ArithmeticModel(parsing: narrow)
    for input in try Self.cases(layer) {
      let same = try CheckedCase(input.source.representable(in: narrow.storage))
      guard Catalogue.isProved(same, in: narrow) else { continue }
      let bounds = try [narrow, .f32].map { try Catalogue.tracked(same, in: $0).elements.map(\.bound) }
      for (narrower, wider) in zip(bounds[0], bounds[1]) {
        guard let narrower else { continue }
        let bound = try #require(wider, Self.line(same))
        #expect(bound <= narrower, Self.line(same))
      }
    }
  }

  // MARK: - Parts

  /// The first half of the rows by itself: the same enclosures and the same bounds.
  @Test(arguments: LayerKind.allCases) func rowsByThemselvesAreTheSame(layer: LayerKind) throws {
    for input in try Self.cases(layer) {
      // A block's tokens see each other.
      if layer == .block && !input.flag("causal") { continue }
      let signature = Catalogue.signature(of: layer)
      guard let axis = ["tokens", "rows"].first(where: signature.output.contains),
        let place = signature.output.firstIndex(of: axis), let extent = input.extents[axis], extent > 1
      else { continue }
      let kept = Array(0..<extent / 2)
      guard let (whole, part) = try pair(input.source, input.source.selecting(kept, along: axis)) else { continue }
      let exact = whole.exact.selecting(kept, axis: place)
      let bounds = Activation(shape: whole.exact.shape, elements: whole.bounds).selecting(kept, axis: place)
      for index in part.exact.elements.indices where part.holdsValue?(index) ?? true {
        #expect(part.exact.elements[index].overlaps(exact.elements[index]), Self.line(input))
      }
      #expect(part.bounds == bounds.elements, Self.line(input))
    }
  }

  /// A sum of products is the sum of the sums of its halves.
  @Test func halvesOfALinearLayerMeetTheWhole() throws {
    for input in try Self.cases(.linear) where input.extent("inputs") > 1 && input.optionalReal("bias") == nil {
      let extent = input.extent("inputs")
      let halves = try [0..<extent / 2, extent / 2..<extent].map {
        try Self.expectation(try CheckedCase(input.source.selecting(Array($0), along: "inputs")))
      }
      guard let whole = try Self.expectation(input), let first = halves[0], let second = halves[1] else { continue }
      for (index, ball) in whole.exact.elements.enumerated() {
        #expect(ball.overlaps(first.exact.elements[index] + second.exact.elements[index]), Self.line(input))
      }
    }
  }

  /// With s the logarithm of the sum of a row's exponentials, and s′ that of one half: the softmax of the row at an element of that
  /// half is the half's own times e^(s′ − s), and s = log(e^s′ + e^s″), as in a softmax that goes tile by tile.
  @Test func halvesOfASoftmaxMeetTheWhole() throws {
    for input in try Self.cases(.softmax) where input.extent("columns") > 1 {
      let extent = input.extent("columns")
      let x = input.real("x").map(Self.moderate)
      let source = LayerCase(layer: .softmax, tensors: ["x": .real(x)])
      guard let whole = try Self.expectation(try CheckedCase(source)) else { continue }
      let ranges = [0..<extent / 2, extent / 2..<extent]
      let parts = try ranges.map {
        try #require(try Self.expectation(try CheckedCase(source.selecting(Array($0), along: "columns"))))
      }
      for row in 0..<x.rows {
        let sums = try ranges.map { range in
          try range.reduce(Ball(0)) { sum, column in
            let number = try #require(Rational(exactly: x.row(row)[row * extent + column]))
            return sum + (try Ball.exp(Ball(number), precision: 256))
          }
        }
        let total = sums[0] + sums[1]
        for (range, (part, sum)) in zip(ranges, zip(parts, sums)) {
          for column in range {
            let own = part.exact.elements[row * range.count + column - range.lowerBound]
            let joined = own * (try sum.divided(by: total, precision: 256))
            #expect(whole.exact.elements[row * extent + column].overlaps(joined), Self.line(input))
          }
        }
      }
    }
  }
}
