import PlumbDrift
import PlumbVerdicts

extension BaselineComparison {
  /// Each regression as a failing test of a suite of its own; one that passes where there is none.
  package var tests: [JUnitReport.Case] {
    guard !regressions.isEmpty else {
      return [JUnitReport.Case(suite: "baseline", name: "no worse than recorded", outcome: .passed)]
    }
    return regressions.map { regression in
      JUnitReport.Case(
        suite: "baseline", name: "\(regression.name), \(regression.measure)",
        outcome: .failed(
          message: "worse than recorded: \(ReportText.short(regression.now)), "
            + "recorded \(ReportText.short(regression.recorded))",
          detail: "At most \(allowance) times the record is allowed. This is a regression, no proof."))
    }
  }
}
