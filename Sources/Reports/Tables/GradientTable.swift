import PlumbGradients
import PlumbVerdicts

/// The report of a gradient as people read it: a line for every stored tensor, then one for every layer of every block.
package struct GradientTable {
  private let report: GradientReport
  private let colours: TerminalColours

  /// Makes the table of `report`; coloured, it says nothing that it does not say without.
  package init(_ report: GradientReport, isColoured: Bool = false) {
    self.report = report
    colours = TerminalColours(isOn: isColoured)
  }

  /// All lines, each ended by a newline.
  package var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "tokens       \(report.tokens.count), of which \(report.tokens.count - 1) are predicted",
      "precision    \(report.precision) bits; norms that are not 0 to \(report.digits) digits",
      "loss         \(report.loss.exact)",
      "             \(Self.short(report.loss.engine)) by the engine",
      "norm         \(report.norm.exact)",
      "             \(Self.short(report.norm.engine)) by the engine",
      "",
      ReportText.left("gradient of", width) + " norm, proved     drift ÷ norm",
    ]
    lines += report.tensors.flatMap(tensorLines)
    lines += report.attribution.map { [""] + GradientAttributionTable(attribution: $0).lines } ?? []
    lines += [""] + GradientRows.heads("engine", isAccumulated: true) + GradientRows(report.steps, colours).lines
    lines.append("")
    lines.append(conclusion)
    return lines.map { $0 + "\n" }.joined()
  }

  private static func short(_ hexadecimal: String) -> String {
    ReportText.fixed(Double(hexadecimal) ?? .nan)
  }

  /// The width of the tensors' names.
  private var width: Int { min(report.tensors.map(\.name.count).max() ?? 0, 46) }

  /// A tensor on one line, or on two where that is too long.
  private func tensorLines(of tensor: GradientReport.TensorGradient) -> [String] {
    let drift = " " + ReportText.scientific(tensor.relativeNorm)
    let line = ReportText.left(tensor.name, width) + " " + tensor.norm.exact + drift
    return line.count <= 80 ? [line] : [tensor.name, "  " + tensor.norm.exact + drift]
  }

  /// The proof of all steps, in lines of at most 80 columns.
  var conclusion: String {
    let steps = report.steps
    func count(_ verdict: Verdict) -> Int { steps.count { $0.local.verdict == verdict } }
    var lines: [String] = []
    if let first = steps.first(where: { $0.local.verdict == .outside }) {
      lines.append("\(count(.within)) gradients within, \(count(.outside)) outside.")
      lines.append("Rounding cannot explain '\(first.name)', the first that is outside.")
    } else if count(.within) == steps.count {
      lines.append("\(steps.count) gradients checked: all within; rounding explains the drift of every step.")
    } else {
      lines.append(
        "\(count(.within)) gradients within; nothing is claimed of \(steps.count - count(.within)), which are outside the domain or "
          + "undecided.")
    }
    if let first = report.unjudged.first {
      lines.append(
        "Nothing is claimed of \(report.unjudged.count) steps alone, of '\(first)' first: no case of a layer says what they do."
      )
    }
    return lines.flatMap { WrappedText.lines($0) }.joined(separator: "\n")
  }
}
