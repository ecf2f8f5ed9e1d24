import PlumbVerdicts

extension FuzzReport {
  /// The reports of a JSON list, as `plumb fuzz --json` prints it.
  ///
  /// - Throws: `JoinError` where it is none.
  package static func read(_ bytes: [UInt8]) throws(JoinError) -> [FuzzReport] {
    let reports = try JoinError.reports(FuzzReport.self, in: bytes, of: "plumb fuzz")
    guard reports.allSatisfy({ $0.schema == 1 }) else {
      throw JoinError(problem: "is of another schema; make it again with this version of 'plumb fuzz'")
    }
    return reports
  }
}
