import PlumbTraining
import PlumbVerdicts

/// The report of a training as people read it.
package struct TrainingTable {
  private let report: TrainingReport
  private let output: String

  /// Makes the table of `report`, whose model was written to `output`.
  package init(_ report: TrainingReport, output: String) {
    self.report = report
    self.output = output
  }

  /// All lines, each ended by a newline.
  package var text: String {
    let (configuration, shape) = (report.configuration, report.configuration.shape)
    var lines = [
      "model        \(shape.blocks) block\(shape.blocks == 1 ? "" : "s") of \(shape.width), \(shape.heads) heads and "
        + "\(shape.keyValueHeads) of keys, "
        + "feed-forward \(shape.feedForward)",
      "weights      \(report.weights), context \(shape.context) bytes",
      "text         \(report.bytes) bytes, SHA-256 \(report.text.prefix(16))…",
      "training     \(configuration.steps) steps of \(configuration.tokensPerStep) bytes, seed \(configuration.seed)",
    ]
    if let first = report.losses.first, let last = report.losses.last {
      lines.append(
        "loss         \(ReportText.short(first)) bits a byte in step \(report.resumed + 1), \(ReportText.short(last)) in step "
          + "\(configuration.steps)")
    }
    lines += [
      "held out     \(ReportText.short(report.heldOut.bitsPerByte)) bits a byte of \(report.heldOut.bytes) bytes, by the file",
      "file         \(output), \(report.format), \(report.fileBytes) bytes, SHA-256 \(report.file.prefix(16))…",
      "time         \(ReportText.short(report.seconds)) s, \(Int(report.tokensPerSecond)) bytes a second",
    ]
    lines += report.audits.map { audit in
      "audit        step \(audit.step), \(audit.tokens) tokens: \(audit.verdict.rawValue), greatest margin "
        + "\(ReportText.short(audit.margin)); the trainer's gradient is within \(ReportText.short(audit.relativeNorm)) of the "
        + "exact one's norm"
    }
    return lines.map { $0 + "\n" }.joined()
  }
}
