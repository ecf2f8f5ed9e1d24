import PlumbGolden

extension GoldenFinding {
  /// Every file of `subjects` as a test, which fails by its finding, and every file that should not be there: for `--junit`.
  package static func junit(
    _ findings: [GoldenFinding], of subjects: [GoldenFile.Subject], in suite: GoldenSuite, seconds: Double
  ) -> String {
    let expected = subjects.map { suite.path($0) }
    let found = Dictionary(findings.map { ($0.path, $0.text) }) { first, _ in first }
    let others = findings.map(\.path).filter { !expected.contains($0) }
    let cases = (expected + others).map { path in
      JUnitReport.Case(
        suite: "golden", name: path, outcome: found[path].map { .failed(message: $0, detail: "") } ?? .passed)
    }
    return JUnitReport(cases, seconds: seconds).text
  }
}
