import PlumbVerdicts

/// Gradients as people read them: a line for every layer of every block, from the last to the first.
struct GradientRows {
  private let steps: [ActivationDrift]
  private let colours: TerminalColours

  /// The rows of `steps`, which stand in the order of the backward pass.
  init(_ steps: [ActivationDrift], _ colours: TerminalColours) {
    self.steps = steps
    self.colours = colours
  }

  /// The heads of the columns, over those of what is the `subject`'s own.
  static func heads(_ subject: String, isAccumulated: Bool) -> [String] {
    let local = "local, on the \(subject)'s inputs"
    return [
      String(repeating: " ", count: 33) + (isAccumulated ? ReportText.left(local, 32) + "accumulated" : local),
      "block layer                      max ulps  margin verdict" + (isAccumulated ? "    max ulps    max abs" : ""),
    ]
  }

  /// The lines; where nothing is known of accumulated drift, its columns are empty.
  var lines: [String] {
    ActivationGroups.of(steps) { ($0.block, $0.name, $0.layer) }.map { group in
      let (first, local) = (group[0], group.map(\.local))
      let verdict = local.reduce(Verdict.within) { $0.joined($1.verdict) }
      var line = ReportText.right(first.block.map(String.init) ?? "-", 5) + " " + ReportText.left(first.layer, 27)
      line += ReportText.right(ReportText.short(local.map(\.worstUlps).max() ?? 0), 8)
      line += ReportText.right(ReportText.short(local.map(\.margin).max() ?? 0), 8)
      let accumulated = group.compactMap(\.accumulated)
      let word = accumulated.isEmpty ? ReportText.word(verdict) : ReportText.left(ReportText.word(verdict), 8)
      line += " " + colours.paint(word, verdict)
      guard !accumulated.isEmpty else { return line }
      line += ReportText.right(ReportText.short(accumulated.map(\.worstUlps).max() ?? 0), 11)
      return line + ReportText.right(ReportText.scientific(accumulated.map(\.worstAbsolute).max() ?? 0), 11)
    }
  }
}
