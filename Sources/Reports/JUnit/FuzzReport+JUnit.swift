import PlumbFuzzing

extension FuzzReport {
  /// Every layer of `reports` as a test, after so many `seconds`: for `--junit`.
  ///
  /// A test fails where a case is outside its bounds, and is skipped where it shows nothing, or not yet.
  package static func junit(_ reports: [FuzzReport], seconds: Double) -> String {
    let showsNothing = reports.allSatisfy(\.claimsNothing)
    let cases = reports.map {
      JUnitReport.Case(suite: "fuzz", name: $0.layer, outcome: $0.outcome(showsNothing: showsNothing))
    }
    return JUnitReport(cases, seconds: seconds).text
  }

  private func outcome(showsNothing: Bool) -> JUnitReport.Case.Outcome {
    guard failed == 0 else {
      let lines = failures.flatMap { failure in
        ["\(FuzzTable.place(of: failure)): \(failure.what ?? "")", FuzzTable.replay(failure, of: self)]
      }
      return .failed(
        message: "\(failed) of \(cases) cases are outside their bounds", detail: lines.joined(separator: "\n"))
    }
    if !isComplete { return .skipped(message: "interrupted after \(cases) cases, none of them outside its bounds") }
    guard claimsNothing else { return .passed }
    let message = "nothing is claimed of any of \(cases) cases"
    return showsNothing ? .failed(message: message, detail: "") : .skipped(message: message)
  }
}
