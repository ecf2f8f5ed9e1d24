import PlumbFuzzing
import PlumbModel
import Testing

@Suite struct SearchTests {
  /// At equal cases, a climb goes further than the strategy that does not look at what it found.
  ///
  /// One climb may be unlucky, so the medians of five seeds are compared.
  @Test(arguments: [LayerKind.linear, .attentionValues])
  func climbsGoFurtherInUlpsThanChance(layer: LayerKind) throws {
    func median(_ run: (UInt64) -> FuzzRun) throws -> Double {
      try (11...15).map { try run($0).report(120).worstUlps }.sorted()[2]
    }
    let search = try median {
      FuzzRun(layer: layer, strategies: [], searches: true, objective: .ulps, seed: $0)
    }
    let random = try median { FuzzRun(layer: layer, strategies: [.random], seed: $0) }
    #expect(search > 4 * random, "search \(search), random \(random)")
  }

  @Test(arguments: [LayerKind.softmax, .rmsNorm, .rotaryEmbedding])
  func aSearchIsTheSameTwice(layer: LayerKind) throws {
    func line() throws -> String? {
      try FuzzRun(layer: layer, strategies: [], searches: true, seed: 3).report(70).greatest?.replay
    }
    #expect(try line() == line())
  }

  /// Every case of a search fits its layer; were one refused, the run would throw.
  @Test(arguments: LayerKind.allCases) func aSearchFindsNothingOutside(layer: LayerKind) throws {
    let report = try FuzzRun(layer: layer, strategies: [], searches: true, seed: 5).report(64 * CaseTests.effort)
    #expect(report.cases == 64 * CaseTests.effort)
    #expect(report.failed == 0, "\(report.failures.first?.replay ?? "")")
  }
}
