import PlumbGrading

extension GradeReport {
  /// The report as JUnit's XML: a test for every activation and gradient, failing where it is outside its bound.
  package var junit: String {
    let cases = (activations + (gradients ?? [])).map { activation in
      JUnitReport.Case(suite: activation.layer, name: activation.name, outcome: outcome(of: activation))
    }
    return JUnitReport(cases, seconds: seconds).text
  }

  private func outcome(of activation: GradedActivation) -> JUnitReport.Case.Outcome {
    let margin = "margin \(activation.local.margin)"
    switch activation.local.verdict {
    case .within: return .passed
    case .undecided: return .skipped(message: activation.unclaimed ?? "undecided")
    case .outsideDomain: return .skipped(message: "outside the domain of the bounds")
    case .outside, .anotherExpert:
      if activation.name == firstGradientCause?.name {
        return .failed(message: "first cause of the backward pass, \(margin)", detail: "")
      }
      guard activation.name == firstCause?.name else { return .failed(message: margin, detail: "") }
      return .failed(message: "first cause, \(margin)", detail: firstCauseText)
    }
  }

  private var firstCauseText: String {
    guard let firstCause else { return "" }
    let another = firstCause.anotherExpert.map { [$0.sentence] } ?? []
    return (another + firstCause.shape + firstCause.explanations.map { "Explained by \($0.mutant): \($0.cause)" })
      .joined(separator: "\n")
  }
}
