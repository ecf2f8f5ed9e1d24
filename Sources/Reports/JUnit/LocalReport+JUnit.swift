import PlumbDrift

extension LocalReport {
  /// Every activation as a test: for `--junit` with `--local-only`.
  package var junit: String { JUnitReport(DriftReport.tests(of: activations), seconds: seconds).text }
}
