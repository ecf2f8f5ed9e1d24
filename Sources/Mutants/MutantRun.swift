import PlumbCases
import PlumbModel
import PlumbVerdicts

/// Plants every bug of one layer, and holds each mutant against the same cases until it is found out.
package struct MutantRun: Sendable {
  private let layer: LayerKind
  private let seed: UInt64

  /// Makes a run over the cases that every strategy draws from `seed`, in turn.
  package init(layer: LayerKind, seed: UInt64) {
    self.layer = layer
    self.seed = seed
  }

  /// Holds the mutants against `cases` cases, or fewer where it `isInterrupted`, and calls `progress` after each.
  ///
  /// - Throws: `CaseError` or `DriftError`, which are bugs of the generators or of the reference.
  package func report(
    cases: Int, isInterrupted: () -> Bool = { false }, progress: (MutantReport) -> Void = { _ in }
  ) throws -> MutantReport {
    let drawn = CaseSequence(layer: layer, strategies: Strategy.drawn, seed: seed)
    let mutants = Mutant.of(layer)
    var report = MutantReport(layer: layer, seed: seed)
    for number in 0..<cases {
      if isInterrupted() {
        report.isComplete = false
        break
      }
      let input = try CheckedCase(drawn[number])
      try Self.attack(mutants, input, &report)
      progress(report)
    }
    return report
  }

  private static func attack(_ mutants: [Mutant], _ input: CheckedCase, _ report: inout MutantReport) throws {
    var judge = CaseJudge(input)
    let claims = judge.claims()
    let expected = claims.map(\.nearest)
    func claimed(_ output: Activation<Float>) -> [Float] { claims.map { output.elements[$0.index] } }

    report.cases += 1
    let engine = Catalogue.engine(input)
    if try judge.judge(engine).verdict == .outside { report.falseAlarms += 1 }
    // A criterion that rejects the correct engine says nothing about a mutant by rejecting that too.
    var criteria: [FieldCriterion] = []
    for criterion in FieldCriterion.allCases {
      if criterion.accepts(claimed(engine), expected: expected) {
        criteria.append(criterion)
      } else {
        report.fieldFalseAlarms[criterion.rawValue, default: 0] += 1
      }
    }
    for (index, mutant) in mutants.enumerated() {
      let row = report.mutants[index]
      let open = criteria.filter { row.rejectedAfter[$0.rawValue] == nil }
      guard row.killedAfter == nil || !open.isEmpty else { continue }
      let output = mutant.output(input)
      if row.killedAfter == nil, try judge.judge(output).verdict == .outside {
        report.mutants[index].killedAfter = report.cases
      }
      let values = claimed(output)
      for criterion in open where !criterion.accepts(values, expected: expected) {
        report.mutants[index].rejectedAfter[criterion.rawValue] = report.cases
      }
    }
  }
}
