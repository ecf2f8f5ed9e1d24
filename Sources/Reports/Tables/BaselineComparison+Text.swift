import PlumbDrift
import PlumbVerdicts

extension BaselineComparison {
  /// The comparison in one sentence.
  var summary: String {
    regressions.isEmpty
      ? "baseline: no worse than recorded, in \(compared) activations."
      : "baseline: WORSE than recorded in \(regressions.count) places; a regression, no proof."
  }

  /// The text that people read: one line, and one for each of the first regressions.
  package var text: String {
    var lines = [summary]
    if let recordedArithmetic {
      lines.append("  recorded in another arithmetic, '\(recordedArithmetic)', that rounds otherwise")
    }
    for regression in regressions.prefix(10) {
      lines.append(
        "  \(regression.name), \(regression.measure): \(ReportText.short(regression.now)), "
          + "recorded \(ReportText.short(regression.recorded))")
    }
    if regressions.count > 10 { lines.append("  and \(regressions.count - 10) more") }
    return lines.map { $0 + "\n" }.joined()
  }
}
