import PlumbVerdicts

/// Activations as people read them: a line for every layer of every block.
struct ActivationRows {
  private let activations: [ActivationDrift]
  private let colours: TerminalColours

  /// The rows of `activations`, which stand in the order of the pass.
  init(_ activations: [ActivationDrift], _ colours: TerminalColours = TerminalColours(isOn: false)) {
    self.activations = activations
    self.colours = colours
  }

  /// The lines; where there was no pass from the tokens, the columns of accumulated drift are empty.
  var lines: [String] {
    groups.map { group in
      let first = group[0]
      let local = group.map(\.local)
      let accumulated = group.compactMap(\.accumulated)
      let verdict = local.reduce(Verdict.within) { $0.joined($1.verdict) }
      var line = ReportText.right(first.block.map(String.init) ?? "-", 5) + " " + ReportText.left(first.layer, 16)
      line += ReportText.right(ReportText.short(local.map(\.worstUlps).max() ?? 0), 10)
      line += ReportText.right(ReportText.short(local.map(\.medianUlps).max() ?? 0), 8)
      line += ReportText.right(ReportText.short(local.map(\.margin).max() ?? 0), 8)
      let word = ReportText.left(ReportText.word(verdict), 8)
      line += " " + colours.paint(word, verdict)
      guard !accumulated.isEmpty else { return line }
      line += ReportText.right(ReportText.short(accumulated.map(\.worstUlps).max() ?? 0), 19 - word.count)
      return line + ReportText.right(ReportText.scientific(accumulated.map(\.worstAbsolute).max() ?? 0), 11)
    }
  }

  /// The activations of one layer kind of one block, in the order of the pass.
  private var groups: [[ActivationDrift]] {
    ActivationGroups.of(activations) { ($0.block, $0.name, $0.layer) }
  }
}
