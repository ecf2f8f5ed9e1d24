import PlumbCases
import PlumbModel
import PlumbVerdicts
import Testing

@testable import PlumbMutants

/// A bug that is said to be a layer without one on another case must give what that layer gives there: by exact values and
/// proved bounds, which know nothing of the plain form that has the bug.
@Suite struct RestatementTests {
  static let restated = Mutant.all.filter { $0.restatement != nil }

  @Test func manyBugsCanBeRestated() {
    // All layers of a pass that have parameters, tokens or several inputs, and the activation between them.
    let layers = Set(Self.restated.map(\.layer))
    #expect(
      layers == [
        .rmsNorm, .linear, .unembedding, .rotaryEmbedding, .attentionScores, .attentionValues, .residualAdd, .gate,
        .scale,
        .silu, .embedding, .clampedGate, .clamp, .sinkAttention,
      ])
  }

  @Test(arguments: restated.map { "\($0.layer.rawValue) \($0.name)" })
  func aRestatementIsTheBug(_ name: String) throws {
    let mutant = try #require(Self.restated.first { "\($0.layer.rawValue) \($0.name)" == name })
    var (decided, different) = (0, 0)
    for strategy in [Strategy.random, .exact] {
      let generator = CaseGenerator(layer: mutant.layer, strategy: strategy, seed: 7)
      for number in 0..<40 {
        let input = try CheckedCase(generator.makeCase(number))
        guard let other = mutant.restated(input) else { continue }
        let output = mutant.output(input)
        #expect(other.outputShape == output.shape)
        let drift = try Catalogue.judge(other, output: output, in: .f32)
        #expect(drift.verdict != .outside, "\(CaseLine(input.source).text)")
        if drift.verdict == .within { decided += 1 }
        if output != Mutant.control(of: mutant.layer).output(input) { different += 1 }
      }
    }
    #expect(decided > 0 && different > 0, "\(decided) decided, \(different) where the bug shows")
  }

  /// Two bugs of different parts of a case are both there in it: from what one alone makes of it, it has the other's changes.
  @Test(arguments: [
    (LayerKind.rmsNorm, "epsilon-tenfold", "weight-shifted"), (.linear, "last-input-skipped", "bias-subtracted"),
    (.rotaryEmbedding, "pairing-swapped", "position-plus-1"), (.attentionScores, "heads-modulo", "scale-forgotten"),
    (.attentionValues, "heads-modulo", "weights-in-bf16"),
  ]) func twoRestatementsAreBothBugs(_ layer: LayerKind, _ one: String, _ two: String) throws {
    let both = try pair(layer, one, two)
    let generator = CaseGenerator(layer: layer, strategy: .random, seed: 11)
    var different = 0
    for number in 0..<40 {
      let input = try CheckedCase(generator.makeCase(number))
      guard let restated = both.both.restated(input) else { continue }
      let changes = try [both.first, both.second].map { try #require($0.restated(input)).source }
      #expect(restated.source.changes(from: changes[0]) == changes[1].changes(from: input.source))
      #expect(restated.source.changes(from: changes[1]) == changes[0].changes(from: input.source))
      if changes.allSatisfy({ $0 != input.source }) { different += 1 }
    }
    #expect(different > 0)
  }

  /// Nobody can say which of two bugs of one tensor, or of one property of the plain form, is there.
  @Test(arguments: [
    (LayerKind.attentionScores, "heads-modulo", "head-for-head"),
    (.residualAdd, "residual-forgotten", "layer-forgotten"),
    (.rmsNorm, "epsilon-tenfold", "epsilon-forgotten"),
  ]) func twoBugsOfOnePartAreNotRestatedTogether(_ layer: LayerKind, _ one: String, _ two: String) throws {
    let both = try pair(layer, one, two).both
    let generator = CaseGenerator(layer: layer, strategy: .random, seed: 1)
    var shown = 0
    for number in 0..<40 {
      let input = try CheckedCase(generator.makeCase(number))
      let alone = try [one, two].map { name in try #require(Mutant.of(layer).first { $0.name == name }).output(input) }
      let right = Mutant.control(of: layer).output(input)
      guard alone[0] != alone[1], alone.allSatisfy({ $0 != right }) else { continue }
      shown += 1
      #expect(both.restated(input) == nil, "\(CaseLine(input.source).text)")
    }
    #expect(shown > 0)
  }

  private func pair(_ layer: LayerKind, _ one: String, _ two: String) throws -> (
    first: Mutant, second: Mutant, both: Mutant
  ) {
    let first = try #require(Mutant.of(layer).first { $0.name == one })
    let second = try #require(Mutant.of(layer).first { $0.name == two })
    return (first, second, try #require(Mutant.both(first, second)))
  }
}
