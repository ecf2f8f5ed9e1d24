import PlumbDrift
import PlumbGradients

extension GradientReport {
  /// Every step backwards as a test: for `--junit`.
  package var junit: String { JUnitReport(DriftReport.tests(of: steps), seconds: seconds).text }
}
