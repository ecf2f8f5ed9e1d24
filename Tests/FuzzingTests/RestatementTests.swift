import Plumbline
import Testing

@testable import PlumbDrift
@testable import PlumbFuzzing

/// A bug that is said to be a layer without one on another case must give what that layer gives there: by exact values and
/// proved bounds, which know nothing of the plain form that has the bug.
@Suite struct RestatementTests {
  static let restated = Mutant.all.filter { $0.restatement != nil }

  @Test func manyBugsCanBeRestated() {
    // All nine layers of a pass that have parameters or several inputs, and the activation between them.
    let layers = Set(Self.restated.map(\.layer))
    #expect(
      layers == [
        .rmsNorm, .linear, .unembedding, .rotaryEmbedding, .attentionScores, .attentionValues, .residualAdd, .gate,
        .silu,
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
}
