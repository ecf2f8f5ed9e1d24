import PlumbDrift

/// The local report as people read it: at most 80 columns, a line for every layer of every block.
package struct LocalTable {
  private let report: LocalReport
  private let colours: TerminalColours

  /// Makes the table of `report`; coloured, it says nothing that it does not say without.
  package init(_ report: LocalReport, isColoured: Bool = false) {
    self.report = report
    colours = TerminalColours(isOn: isColoured)
  }

  /// All lines, each ended by a newline.
  package var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "tokens       \(report.tokens.count)",
      "",
      "                       local, on the engine's inputs",
      "block layer            max ulps  median  margin verdict",
    ]
    lines += ActivationRows(report.activations, colours).lines
    lines.append("")
    lines.append(DriftTable.paths(filtered: report.filteredElements, exact: report.exactElements))
    lines.append(DriftTable.conclusion(report.activations))
    lines += DriftTable.next(report.activations)
    return lines.map { $0 + "\n" }.joined()
  }
}
