import PlumbDrift

extension LocalReport {
  /// Every activation as a test: for `--junit` with `--local-only`.
  public var junit: String { JUnitReport(DriftReport.tests(of: activations), seconds: seconds).text }
}
