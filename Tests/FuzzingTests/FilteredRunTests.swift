import PlumbCases
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts
import Testing

/// A run whose cases the filter decides reports what a run of the exact path alone does.
@Suite struct FilteredRunTests {
  @Test(arguments: LayerKind.allCases) func theReportIsThatOfTheExactPath(layer: LayerKind) throws {
    let count = 16 * CaseTests.effort
    let filtered = try FuzzRun(layer: layer, strategies: Strategy.allCases, seed: 31).report(count)
    let exact = try FuzzRun(
      layer: layer, strategies: Strategy.allCases, seed: 31, judge: { input, _ in Catalogue.judge(input) }
    )
    .report(count)
    #expect(exact.filteredElements == 0)
    #expect(filtered.filteredElements + filtered.exactElements == exact.exactElements)
    #expect(filtered.cases == exact.cases && filtered.failed == 0 && exact.failed == 0)
    #expect(filtered.outsideDomain == exact.outsideDomain)
    #expect(filtered.greatest?.margin == exact.greatest?.margin)
    #expect(filtered.greatest?.worst?.lower == exact.greatest?.worst?.lower)
    #expect(filtered.worstUlps == exact.worstUlps)
    let replayed = Catalogue.judge(try CheckedCase(try CaseLine.parse(try #require(filtered.greatest).replay)))
    #expect(replayed.margin == filtered.greatest?.margin)
  }

  @Test(arguments: LayerKind.allCases.filter(Catalogue.isModelled)) func soItIsInAnotherArithmetic(layer: LayerKind)
    throws
  {
    for arithmetic in [Arithmetic.model(.f32), .model(.bf16)] {
      let (count, subject) = (8 * CaseTests.effort, FuzzSubject.engine(arithmetic))
      let filtered = try FuzzRun(layer: layer, strategies: Strategy.allCases, seed: 34, subject: subject).report(count)
      let exact = try FuzzRun(
        layer: layer, strategies: Strategy.allCases, seed: 34, subject: subject,
        judge: { input, _ in try subject.judge(input) }
      ).report(count)
      #expect(exact.filteredElements == 0 && filtered.cases == exact.cases)
      #expect(filtered.filteredElements + filtered.exactElements == exact.exactElements)
      #expect(filtered.failed == exact.failed && filtered.failures.map(\.replay) == exact.failures.map(\.replay))
      #expect(filtered.outsideDomain == exact.outsideDomain)
      #expect(filtered.greatest?.margin == exact.greatest?.margin)
      #expect(filtered.greatest?.replay == exact.greatest?.replay)
      #expect(filtered.worstUlps == exact.worstUlps)
      #expect(filtered.margins.map(\.count).reduce(0, +) == exact.margins.map(\.count).reduce(0, +))
    }
  }

  @Test(arguments: LayerKind.allCases) func fixedExtentsAreThoseOfEveryCase(layer: LayerKind) throws {
    let signature = Catalogue.signature(of: layer)
    let names = signature.tensors.flatMap(\.shape)
    for name in Set(names) {
      let shape = [name: name == "heads" ? 5 : 6]
      for number in 0..<4 {
        let input = CaseGenerator(layer: layer, strategy: .random, seed: 32, shape: shape).makeCase(number)
        // A tensor that may be left out is not in every case.
        let isThere = signature.tensors.contains { $0.shape.contains(name) && input.tensors[$0.name] != nil }
        #expect(try CheckedCase(input).extents[name] == (isThere ? shape[name] : nil), "\(name)")
      }
    }
    let run = FuzzRun(layer: layer, strategies: [], searches: true, seed: 33, shape: [names[0]: 2]) { input, _ in
      #expect(input.extents[names[0]] == 2)
      return Catalogue.judge(input)
    }
    _ = try run.report(32 * CaseTests.effort)
  }
}
