// The machine computes in an 80-bit format, which only this processor's family has.
#if arch(x86_64)
  import PlumbEngine
  import PlumbCases
  import PlumbFuzzing
  import PlumbModel
  import PlumbVerdicts
  import Testing

  /// The bounds of our engine's own arithmetic, held against a machine that computes as badly as that arithmetic allows.
  @Suite struct OwnBoundsTests {
    /// Every layer of which something rounds; sampling and a router choose, and have suites of their own.
    static let layers = LayerKind.allCases.filter { ![.sampling, .router].contains($0) }

    /// How a machine departs from what is declared, where it does.
    struct Departure {
      var lanes = 16
      var share: Float80 = 1 - 0x1p-9
    }

    /// The worst that machines make of `input`.
    private static func worst(_ input: CheckedCase, _ number: Int, _ departure: Departure) throws -> LocalDrift {
      var judge = CaseJudge(input)
      var worst: LocalDrift?
      for (index, lean) in DeclaredMachine.Lean.allCases.enumerated() {
        var machine = DeclaredMachine(
          isFused: Engine.InstructionSet.current.summation.fused, lean: lean, permutes: index > 0,
          lanes: departure.lanes, share: departure.share, seed: UInt64(number * 4 + index))
        let drift = judge.decideExactly(DeclaredKernels.output(input, &machine))
        if drift.verdict == .outside { return drift }
        if worst.map({ drift.margin > $0.margin }) ?? true { worst = drift }
      }
      return try #require(worst)
    }

    /// The findings on machines by cases of every strategy, or by a climb to the greatest margin.
    private static func report(
      _ layer: LayerKind, searches: Bool, _ departure: Departure = Departure()
    ) throws -> FuzzReport {
      try FuzzRun(
        layer: layer, strategies: searches ? [] : Strategy.allCases, searches: searches, seed: 41,
        shrinking: FuzzRun.ShrinkingLimits(cases: 1),
        judge: { input, number in try worst(input, number ?? 0, departure) }
      ).report(60 * CaseTests.effort)
    }

    /// The margin is 0 only where nothing rounds; otherwise machines come near the bound, so that it is not vacuous.
    @Test(arguments: layers) func theWorstMachineIsWithin(layer: LayerKind) throws {
      let reports = try [false, true].map { try Self.report(layer, searches: $0) }
      for report in reports { #expect(report.failed == 0, "\(report.failures.first?.replay ?? "")") }
      let greatest = reports.compactMap(\.greatest?.margin).max() ?? 0
      #expect(LayerKind.exact.contains(layer) ? greatest == 0 : greatest > 0.25, "\(greatest)")
    }

    /// 1 + 1023·t with t just below half a unit in the last place of 1: one lane loses every t, 16 lanes the 64 of one of them.
    @Test func aMachineWithAnotherTreeIsOutside() throws {
      let row = [1] + [Float](repeating: (0x1p-24 as Float).nextDown, count: 1023)
      let ones = [Float](repeating: 1, count: 1024)
      let input = try CheckedCase(
        LayerCase(
          layer: .linear,
          tensors: [
            "x": .real(Activation(shape: [1, 1024], elements: row)),
            "weight": .real(Activation(shape: [1, 1024], elements: ones)),
          ]))
      #expect(try Self.worst(input, 0, Departure()).verdict == .within)
      #expect(try Self.worst(input, 0, Departure(lanes: 1)).verdict == .outside)
    }

    /// The layers whose results may cancel show an error of Float64's size by itself.
    @Test(arguments: [LayerKind.rotaryEmbedding, .layerNorm, .cosineSimilarity])
    func aMachineThatIsOffByTwiceWhatIsDeclaredIsOutside(layer: LayerKind) throws {
      #expect(try Self.report(layer, searches: false, Departure(share: 2)).failed > 0)
    }
  }
#endif
