import PlumbExhaustion

extension ExhaustiveReport {
  /// Every function of `reports` as a test: for `--junit`.
  package static func junit(_ reports: [ExhaustiveReport]) -> String {
    let cases = reports.map {
      JUnitReport.Case(suite: $0.instructionSet, name: $0.function, outcome: $0.outcome, seconds: $0.seconds)
    }
    return JUnitReport(cases, seconds: reports.reduce(0) { $0 + $1.seconds }).text
  }

  private var outcome: JUnitReport.Case.Outcome {
    guard outside == 0 && monotonicityViolations == 0 else {
      return .failed(
        message: "\(outside) of \(inputs) results are beyond the declared accuracy, "
          + "\(monotonicityViolations) are against their direction",
        detail: ExhaustiveTable.failures(of: self).joined(separator: "\n"))
    }
    if undecided > 0 {
      return .skipped(message: "\(undecided) results or orders are undecided, the first at \(firstUndecided ?? "")")
    }
    return isComplete ? .passed : .skipped(message: "interrupted after \(inputs) inputs, all of them within")
  }
}
