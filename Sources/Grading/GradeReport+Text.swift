import PlumbVerdicts

extension GradeReport {
  /// The distance of the worst element of the activation that is `cause`: the end of a sentence about it.
  package func worstText(of cause: FirstCause) -> String {
    (activations + (gradients ?? [])).first { $0.name == cause.name }?.local.worstText
      ?? "its worst element is \(ReportText.short(cause.margin)) times its bound away"
  }
}
