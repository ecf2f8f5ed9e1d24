import PlumbGradients
import PlumbVerdicts

/// The report of a gradient as people read it: a line for every stored tensor, then one for every layer of every block.
public struct GradientTable {
  private let report: GradientReport
  private let colours: TerminalColours

  /// Makes the table of `report`; coloured, it says nothing that it does not say without.
  public init(_ report: GradientReport, isColoured: Bool = false) {
    self.report = report
    colours = TerminalColours(isOn: isColoured)
  }

  /// All lines, each ended by a newline.
  public var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "tokens       \(report.tokens.count), of which \(report.tokens.count - 1) are predicted",
      "precision    \(report.precision) bits; every norm to \(report.digits) digits",
      "loss         \(report.loss.exact)",
      "             \(Self.short(report.loss.engine)) by the engine",
      "norm         \(report.norm.exact)",
      "             \(Self.short(report.norm.engine)) by the engine",
      "",
      "gradient of                    norm, each digit proved   drift ÷ norm  max ulps",
    ]
    lines += report.tensors.map(Self.line)
    lines += ["", "                       local, on the engine's inputs       accumulated"]
    lines.append("block layer            max ulps  median  margin verdict    max ulps    max abs")
    lines += ActivationRows(report.steps, colours).lines
    lines.append("")
    lines.append(conclusion)
    return lines.map { $0 + "\n" }.joined()
  }

  private static func short(_ hexadecimal: String) -> String {
    ReportText.fixed(Double(hexadecimal) ?? .nan)
  }

  private static func line(of tensor: GradientReport.TensorGradient) -> String {
    ReportText.left(tensor.name, 30) + " " + ReportText.left(tensor.norm.exact, 25)
      + ReportText.right(ReportText.scientific(tensor.relativeNorm), 13)
      + ReportText.right(ReportText.short(tensor.accumulated.worstUlps), 10)
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
        "Nothing is claimed of \(report.unjudged.count) steps alone, of '\(first)' first: no case of a layer says what they do.")
    }
    return lines.flatMap { WrappedText.lines($0) }.joined(separator: "\n")
  }
}
