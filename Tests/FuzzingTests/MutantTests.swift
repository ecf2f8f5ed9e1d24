import PlumbCases
import PlumbFuzzing
import PlumbModel
import PlumbMutants
import PlumbReports
import PlumbVerdicts
import Testing

@Suite struct MutantTests {
  /// The cases within which every mutant but the rare ones must be found.
  private static let cases = 40

  /// Mutants that only a rare shape or a rare exponent shows, which `plumb mutants` gives more cases.
  private static let rare: Set<String> = [
    "embedding flush-to-zero", "linear flush-to-zero", "linear transposed-if-square",
    "attention-scores flush-to-zero", "unembedding transposed-if-square",
    "block cap-forgotten", "block factor-ignored", "block pairing-swapped", "block theta-10000",
    "sampling top-p-must-exceed", "sampling top-p-of-all", "sampling top-p-in-float16",
    "router group-by-two", "quantize ties-away", "quantize exponent-unlimited", "quantize-scale exponent-unlimited",
    "quantize-scale sign-forgotten",
    "sampling temperature-first", "sampling min-p-first", "residual-add flush-to-zero",
  ]

  @Test(arguments: LayerKind.allCases) func mutantsAreFoundAndTheEngineIsNot(layer: LayerKind) throws {
    let report = try MutantRun(layer: layer, seed: 0).report(cases: Self.cases * CaseTests.effort)
    #expect(report.falseAlarms == 0)
    for mutant in report.mutants {
      let name = "\(layer.rawValue) \(mutant.name)"
      if mutant.proof != nil {
        #expect(mutant.killedAfter == nil, "\(name)")
      } else if !Self.rare.contains(name) {
        #expect(mutant.killedAfter != nil, "\(name)")
      }
    }
  }

  /// A mutant must be killed by its bug, so that without one it must be within.
  @Test(arguments: LayerKind.allCases) func theControlIsWithin(layer: LayerKind) throws {
    let fuzz = FuzzRun(layer: layer, strategies: Strategy.allCases, seed: 7)
    let control = Mutant.control(of: layer)
    for number in 0..<24 * CaseTests.effort {
      let input = try CheckedCase(fuzz.makeCase(number))
      let drift = Catalogue.judge(input, output: control.output(input))
      #expect(drift.verdict != .outside, "plumb fuzz \(layer.rawValue) --replay '\(CaseLine(input.source).text)'")
    }
  }

  @Test func theCatalogueIsWideAndItsNamesAreUnique() {
    #expect(Mutant.all.count { $0.proof == nil } >= 80)
    #expect(Set(Mutant.all.map { "\($0.layer.rawValue) \($0.name)" }).count == Mutant.all.count)
    for layer in LayerKind.allCases {
      #expect(Mutant.of(layer).contains { $0.proof == nil && $0.layer == layer }, "\(layer)")
    }
    for mutant in Mutant.all {
      #expect(mutant.name.count <= 25 && !mutant.name.contains(" "), "\(mutant.name)")
      #expect(mutant.bug.hasSuffix(".") && mutant.proof?.hasSuffix(".") != false, "\(mutant.name)")
    }
  }

  @Test func theTableFitsTheTerminal() throws {
    let reports = try [LayerKind.gate, .embedding].map { try MutantRun(layer: $0, seed: 2).report(cases: 4) }
    let lines = MutantTable(reports).text.split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.contains { $0.hasPrefix("  gate-forgotten ") })
    #expect(lines.contains { $0.hasPrefix("  gate operands-swapped") })
  }

  @Test func totalsCountEachColumn() throws {
    let report = try MutantRun(layer: .residualAdd, seed: 3).report(cases: 8)
    let totals = MutantTotals.columns([report, report])
    #expect(totals.map(\.name) == ["plumbline", "allclose", "assert_close", "1e-3", "nmse", "cosine"])
    let found = report.mutants.compactMap(\.killedAfter)
    #expect(totals[0].kills == (found + found).sorted())
    #expect(totals[0].mutants == 2 * report.mutants.count { $0.proof == nil })
    #expect(totals[0].cases == 16 && totals[0].falseAlarms == 0)
  }
}
