import Plumbline
import Testing

@Suite struct ShrinkerTests {
  /// Root-mean-square normalisation that forgets the last column: gross wherever that column is not small.
  private static func forgetsTheLastColumn(_ input: CheckedCase) throws -> LocalDrift {
    var output = Catalogue.engine(input)
    for row in 0..<output.rows { output.elements[(row + 1) * output.columns - 1] = 0 }
    return try Catalogue.judge(input, output: output)
  }

  /// A linear layer whose outputs are off by one part in 1024.
  private static func isSlightlyLarge(_ input: CheckedCase) throws -> LocalDrift {
    try Catalogue.judge(input, output: Catalogue.engine(input).map { $0 * (1 + 0x1p-10) })
  }

  /// The first case of `layer` that `judge` finds outside.
  private static func failure(
    of layer: LayerKind, _ judge: (CheckedCase) throws -> LocalDrift
  ) throws -> (LayerCase, LocalDrift) {
    for number in 0... {
      let input = CaseGenerator(layer: layer, strategy: .random, seed: 9).makeCase(number)
      guard input.tensors.values.contains(where: { $0.shape.reduce(1, *) > 20 }) else { continue }
      let drift = try judge(try CheckedCase(input))
      if drift.verdict == .outside { return (input, drift) }
    }
    preconditionFailure("there is a failure among all cases")
  }

  private static let bugs: [(LayerKind, @Sendable (CheckedCase) throws -> LocalDrift)] = [
    (.rmsNorm, { try forgetsTheLastColumn($0) }), (.linear, { try isSlightlyLarge($0) }),
    (.attentionScores, { try isSlightlyLarge($0) }), (.attentionValues, { try isSlightlyLarge($0) }),
  ]

  @Test(arguments: 0..<bugs.count) func aFailureKeepsItsMarginAndLosesTheRest(index: Int) throws {
    let (layer, judge) = Self.bugs[index]
    let (input, drift) = try Self.failure(of: layer, judge)
    let shrunk = Shrinker.failure(input, drift, judge: judge)
    let after = try judge(try CheckedCase(shrunk))
    #expect(after.verdict == .outside)
    #expect(after.margin >= drift.margin / 2, "\(drift.margin) became \(after.margin)")
    let text = CaseLine(shrunk).text
    #expect(text.count <= 120 && text.count < CaseLine(input).text.count, "\(text)")
    for tensor in shrunk.tensors.values { #expect(tensor.shape.reduce(1, *) <= 4, "\(text)") }
  }

  /// Shrinking never turns one bug into another: an infinite margin, a wrong result where nothing is rounded, stays one.
  @Test func anInfiniteMarginStaysInfinite() throws {
    let judge: (CheckedCase) throws -> LocalDrift = { input in
      try Catalogue.judge(input, output: Catalogue.engine(input).map(\.nextUp))
    }
    let input = CaseGenerator(layer: .embedding, strategy: .random, seed: 1).makeCase(3)
    let drift = try judge(try CheckedCase(input))
    #expect(drift.margin == .infinity)
    let shrunk = Shrinker.failure(input, drift, judge: judge)
    #expect(try judge(try CheckedCase(shrunk)).margin == .infinity)
    #expect(CaseLine(shrunk).text == "embedding tokens=#[1]:0 weight=[1x1]:0x0p+0")
  }

  @Test func aRecordKeepsItsScore() throws {
    let report = try FuzzRun(layer: .linear, strategies: [.random], seed: 2).report(40)
    let greatest = try #require(report.greatest)
    let input = try CaseLine.parse(greatest.replay)
    let drift = try Catalogue.judge(try CheckedCase(input))
    let shrunk = Shrinker.record(input, drift) { try Catalogue.judge($0) }
    #expect(try Catalogue.judge(try CheckedCase(shrunk)).margin >= drift.margin * Shrinker.recordFraction)
    #expect(CaseLine(shrunk).text.count < greatest.replay.count)
  }
}
