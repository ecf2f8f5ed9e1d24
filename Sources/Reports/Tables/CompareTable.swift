import PlumbGrading
import PlumbVerdicts

/// Two dumps beside the exact pass as people read it: at most 80 columns, a line for every layer of every block.
package struct CompareTable {
  private let report: CompareReport

  /// Makes the table of `report`.
  package init(_ report: CompareReport) { self.report = report }

  /// All lines, each ended by a newline.
  package var text: String {
    var lines = [
      "model        \(report.model)", "fingerprint  \(report.fingerprint)", "tokens       \(report.tokens.count)",
    ]
    for (label, dump) in sides {
      lines.append("\(label)            \(dump.dump), names as in \(dump.names), \(dump.arithmetic)")
    }
    lines += [
      "", "                       A: local from tokens  B: local from tokens",
      "block layer              margin     max abs    margin     max abs  nearer",
    ]
    lines += groups.map(line)
    lines.append("")
    lines += sides.flatMap { label, dump in dump.notes.flatMap { WrappedText.lines("\(label): \($0)") } }
    lines += (proved + [end] + choices).flatMap { WrappedText.lines($0) }
    return lines.map { $0 + "\n" }.joined()
  }

  private var sides: [(String, CompareReport.Dump)] { [("A", report.a), ("B", report.b)] }

  private func line(_ group: [CompareReport.Activation]) -> String {
    func columns(_ side: (CompareReport.Activation) -> CompareReport.Side) -> String {
      let sides = group.map(side)
      let isClaimed = sides.contains { $0.verdict.isClaimed }
      return ReportText.right(isClaimed ? ReportText.short(sides.map(\.margin).max() ?? 0) : "-", 9)
        + ReportText.right(ReportText.scientific(sides.map(\.accumulated.worstAbsolute).max() ?? 0), 12)
    }
    let nearer = Set(group.compactMap(\.nearer))
    return ReportText.right(group[0].block.map(String.init) ?? "-", 5) + " "
      + ReportText.left(group[0].layer, 16) + columns(\.a) + " " + columns(\.b)
      + (nearer.count == 1 ? "  " + (nearer.first?.uppercased() ?? "") : "")
  }

  /// The activations of one layer kind of one block, in the order of the pass.
  private var groups: [[CompareReport.Activation]] {
    ActivationGroups.of(report.activations) { ($0.block, $0.name, $0.layer) }
  }

  /// The sentences on what rounding explains.
  private var proved: [String] {
    if report.isWithin { return ["Rounding explains every activation of both, and so that they differ."] }
    return sides.map { label, dump in
      if let cause = dump.firstCause {
        return "\(label) is first outside its bounds at '\(cause)': 'plumb grade' of it says what that is."
      }
      return dump.verdict == .within
        ? "Rounding explains every activation of \(label)." : "Of some activations of \(label) nothing is claimed."
    }
  }

  /// The sentence on the logits, or on the last activation that both have.
  private var end: String {
    guard let last = report.activations.last(where: { $0.name == "logits" }) ?? report.activations.last else {
      return ""
    }
    let (a, b) = (last.a.accumulated.worstAbsolute, last.b.accumulated.worstAbsolute)
    let distances =
      "A is up to \(ReportText.scientific(a)) away from the exact values, B up to \(ReportText.scientific(b))"
    let apart = "they differ by up to \(ReportText.scientific(last.difference))"
    guard let nearer = last.nearer else { return "At '\(last.name)' neither is proved nearer: \(distances); \(apart)." }
    let times = nearer == "a" ? b / a : a / b
    let word = times.isFinite ? "about \(ReportText.short(times)) times nearer" : "the nearer"
    return "At '\(last.name)' \(nearer.uppercased()) is \(word): \(distances); \(apart)."
  }

  /// The sentence on the next token.
  private var choices: [String] {
    guard let a = report.a.choice, let b = report.b.choice else { return [] }
    func named(_ choice: CompareReport.Choice) -> String { "\"\(ReportText.shown(choice.text))\" (\(choice.token))" }
    let both = a == b ? "Both choose \(named(a))" : "A chooses \(named(a)), B \(named(b))"
    guard let exact = report.exactChoice else { return ["\(both); no token is proved to be the likeliest."] }
    return ["\(both); the exact first choice is \(named(exact)), proved."]
  }
}
