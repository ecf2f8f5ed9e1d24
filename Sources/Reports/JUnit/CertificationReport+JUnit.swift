import PlumbCertification
import PlumbVerdicts

extension CertificationReport {
  /// Every comparison as a test, after so many `seconds`: for `--junit`.
  package func junit(seconds: Double) -> String {
    let cases = comparisons.map {
      JUnitReport.Case(suite: "certify", name: ReportText.shown($0.source), outcome: $0.outcome(digits: digits))
    }
    return JUnitReport(cases, seconds: seconds).text
  }
}

extension CertificationReport.Comparison {
  fileprivate func outcome(digits: Int) -> JUnitReport.Case.Outcome {
    if !nonFinite.isEmpty {
      return .failed(message: "logits are not finite", detail: nonFinite.map(\.text).joined(separator: "\n"))
    }
    switch firstChoice {
    case .proved: return .passed
    case .undecided:
      return .skipped(message: "the first choice is undecided at \(digits) digits: give '--digits' a greater number")
    case .refuted:
      return .failed(
        message: "the first choice is proved NOT to be the exact one",
        detail: "top-\(topKCount) set \(topK.rawValue), top-p \(topPMass) set \(topP.rawValue)\n"
          + "farthest logit off by \(ReportText.scientific(greatestAbsolute)) at most, of token \(token)")
    }
  }
}
