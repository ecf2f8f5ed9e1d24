import PlumbDrift
import PlumbVerdicts

extension DriftReport {
  /// Every activation as a test, then every regression: for `--junit`.
  package var junit: String {
    JUnitReport(Self.tests(of: activations) + (baseline?.tests ?? []), seconds: seconds).text
  }

  /// Each of `activations` as a test of its block's suite, of whatever engine.
  package static func tests(of activations: [ActivationDrift]) -> [JUnitReport.Case] {
    activations.map { activation in
      JUnitReport.Case(
        suite: activation.block.map { "blocks.\($0)" } ?? "outside the blocks", name: activation.name,
        outcome: outcome(of: activation))
    }
  }

  private static func outcome(of activation: ActivationDrift) -> JUnitReport.Case.Outcome {
    let local = activation.local
    switch local.verdict {
    case .within: return .passed
    case .undecided:
      return .skipped(
        message: "undecided: nothing is claimed of \(local.undecided) elements, as "
          + "\(LocalMeasurement.greatestPrecision) bits do not tell on which side of their bounds they lie")
    case .outsideDomain:
      return .skipped(
        message: "outside the domain: nothing is claimed of \(local.outsideDomain) elements, "
          + "as an intermediate may overflow or an input is not finite")
    case .outside, .anotherExpert:
      let worst = local.worst.map {
        "element \($0.index): engine \($0.engine), exact \($0.lower) to \($0.upper)\n"
      }
      return .failed(
        message: "\(activation.layer): margin \(ReportText.short(local.margin)); rounding cannot explain it",
        detail: (worst ?? "") + "bound \(ReportText.scientific(local.bound)), "
          + "\(ReportText.short(local.worstUlps)) ulps")
    }
  }
}
