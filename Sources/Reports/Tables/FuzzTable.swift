import Foundation
import PlumbFuzzing
import PlumbModel
import PlumbMutants
import PlumbVerdicts

/// The reports of a run as people read them, at most 80 columns wide but for the replay lines.
package struct FuzzTable {
  private let reports: [FuzzReport]
  private let colours: TerminalColours

  /// Makes the table of `reports`; coloured, each failure is shown as a difference.
  package init(_ reports: [FuzzReport], isColoured: Bool = false) {
    self.reports = reports
    colours = TerminalColours(isOn: isColoured)
  }

  /// All lines, each ended by a newline.
  ///
  /// Another engine, and another arithmetic than this engine's own, are named first.
  package var text: String {
    var lines: [String] = []
    if let first = reports.first, !first.isOwn {
      if let engine = first.engine { lines.append("engine      \(engine)") }
      if let outputs = first.outputs { lines.append("outputs     \(outputs)") }
      let arithmetic = first.arithmetic ?? "engine"
      let summary = try? Arithmetic(parsing: arithmetic).summary
      lines += WrappedText.lines(arithmetic + (summary.map { ": \($0)" } ?? ""), lead: "arithmetic  ")
    }
    let width = max(18, reports.map(\.layer.count).max() ?? 0)
    func line(_ name: String, _ cells: [String]) -> String {
      ReportText.left(name, width) + zip(cells, [8, 9, 8, 17, 11]).map(ReportText.right).joined()
    }
    lines.append(line("layer", ["cases", "outside", "domain", "greatest margin", "max ulps"]))
    for report in reports {
      lines.append(
        line(
          report.layer,
          [
            "\(report.cases)", "\(report.failed)", "\(report.outsideDomain)",
            ReportText.short(report.greatest?.margin ?? 0), ReportText.short(report.worstUlps),
          ]))
    }
    if let sharp = Self.sharp(reports) { lines += WrappedText.lines(sharp) }
    if let undecided = Self.undecided(reports) { lines += WrappedText.lines(undecided) }
    if !reports.isEmpty && reports.allSatisfy(\.claimsNothing) { lines.append(Self.nothingClaimed) }
    let failing = reports.filter { !$0.failures.isEmpty }
    for report in failing {
      let failures = FailureGroups(report, most: max(1, Self.mostFailures / failing.count))
      for group in failures.groups {
        let place = (reports.count > 1 ? "\(report.layer), " : "") + group.heading
        lines += failure(group.first, at: place)
        lines.append("  \(Self.replay(group.first, of: report))")
      }
      lines += Self.explained(report).map { WrappedText.lines($0) } ?? []
      if failures.left > 0 {
        lines.append(
          "and \(failures.left) more cases of \(report.layer) outside, which are counted; "
            + "--json has \(report.failures.count) of all")
      }
    }
    for report in reports { lines += Self.note(report).map { WrappedText.lines($0) } ?? [] }
    lines += Self.condition(of: reports).map { WrappedText.lines($0.text) } ?? []
    lines += next.map { WrappedText.lines($0) } ?? []
    return lines.map { $0 + "\n" }.joined()
  }

  /// The sentences on the arithmetics and the bugs that explain the failures of `report`; `nil` where none were looked for.
  static func explained(_ report: FuzzReport) -> String? {
    let rounding = report.otherArithmetics?.first.map {
      "Rounding, if this is how the kernel computes: --arithmetic \($0), under which every case that was looked at is within."
    }
    let sentences = [rounding, bugs(report)].compactMap { $0 }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  private static func bugs(_ report: FuzzReport) -> String? {
    guard let explanations = report.explanations, let layer = LayerKind(rawValue: report.layer) else { return nil }
    guard let first = explanations.first else {
      let count = Mutant.of(layer).count
      return count == 0
        ? nil : "Bug: none of the \(count) that 'plumb mutants \(report.layer)' plants gives what the kernel gave."
    }
    let others = explanations.dropFirst().prefix(2).map { "or: \($0.cause) (\($0.mutant))" }
    let start = report.otherArithmetics?.isEmpty == false ? "Or bug" : "Bug"
    return (["\(start): \(first.cause) (\(first.mutant), which gives what the kernel gave, within rounding)"] + others)
      .joined(separator: " ")
  }

  /// The note on errors that are within their bounds and more than twice what the arithmetic typically does; `nil` where none are.
  static func note(_ report: FuzzReport) -> String? {
    guard let typical = report.typical, typical.error.times > 2 else { return nil }
    return "Note: within, but in case \(typical.number) of \(report.layer) errors are "
      + "\(ReportText.short(typical.error.times)) times what this arithmetic typically does ('plumb explain typical'): "
      + "a root mean square margin of \(ReportText.short(typical.error.margin)) beside "
      + "\(ReportText.short(typical.error.typical))."
  }

  /// The lines of a failure: a sentence, or where there are colours the numbers one above the other.
  private func failure(_ finding: FuzzReport.Finding, at place: String) -> [String] {
    let (element, bound, margin, problem) =
      finding.shrunk.map { ($0.worst, $0.bound, $0.margin, $0.problem) }
      ?? (finding.worst, finding.bound, finding.margin, finding.problem)
    guard colours.isOn, let element, problem == nil else {
      return ["\(place): \(colours.paint(ReportText.shown(finding.what ?? "outside"), .outside))"]
    }
    let difference = FailureDifference(element, bound: bound ?? 0, margin: margin, colours)
    let repeated = finding.repetition.flatMap(\.text).map { ", \($0)" } ?? ""
    return ["\(place)\(repeated):"] + difference.lines.map { "  \($0)" }
  }

  /// The advice on a failure; `nil` where there is none.
  private var next: String? {
    guard !FuzzReport.hasPassed(reports) else { return nil }
    guard let failing = reports.first(where: { !$0.failures.isEmpty }) else {
      return "Next: 'plumb explain domain' says why nothing is claimed; other extents or arithmetics may do."
    }
    return failing.outputs == nil
      ? "Next: mend the kernel, and run the line below a failure until it is within."
      : "Next: mend the kernel, and run it again on the file below a failure."
  }

  /// The most failures that are printed; of each layer that fails, one at least is.
  private static let mostFailures = 10

  /// The condition under which what is outside is proved; `nil` where nothing is that gave an output.
  package static func condition(of reports: [FuzzReport]) -> ProofCondition? {
    let layers = reports.filter { $0.failures.contains { $0.problem == nil } }
    return ProofCondition(
      outside: layers.compactMap { LayerKind(rawValue: $0.layer) }, arithmetic: reports.first?.arithmetic ?? "engine",
      isOwn: reports.first?.isOwn ?? true)
  }

  /// The sentence about a run that has shown nothing.
  static let nothingClaimed =
    "Nothing could be claimed of any case: an intermediate may overflow, an input is not\n"
    + "finite, or no precision decides, in all of them. The run has not passed."

  /// The sentence about a run that is within with a margin that is printed as 1.000; `nil` where it has none.
  static func sharp(_ reports: [FuzzReport]) -> String? {
    guard FuzzReport.hasPassed(reports),
      reports.contains(where: { ReportText.short($0.greatest?.margin ?? 0) == "1.000" })
    else { return nil }
    return "A margin of 1 is within, and no near miss: 'plumb explain margin' says why."
  }

  /// The sentence about cases that no precision decided; `nil` where there are none.
  static func undecided(_ reports: [FuzzReport]) -> String? {
    let layers = reports.filter { $0.undecided > 0 }.map { "\($0.undecided) of \($0.layer)" }
    guard !layers.isEmpty else { return nil }
    return "Undecided cases: \(layers.joined(separator: ", ")). No precision tells on which side of its bound some "
      + "element lies, and nothing is claimed of it."
  }

  /// The command that decides the case of `finding` again; of outputs in a folder, the file of the case.
  static func replay(_ finding: FuzzReport.Finding, of report: FuzzReport) -> String {
    if let outputs = report.outputs, let number = finding.number { return CaseFolder.file(outputs, "cases", number) }
    let line = finding.replayFile.map { "@" + quoted($0) } ?? finding.replay
    return "plumb fuzz \(ReportText.argument(report.layer))\(options(of: report)) --replay '\(line)'"
  }

  /// `text` within single quotes, where a shell takes everything as it stands, but for the quote.
  private static func quoted(_ text: String) -> String { text.replacing("'", with: "'\\''") }

  /// The options that a replay needs to meet the same engine and the same bounds.
  private static func options(of report: FuzzReport) -> String {
    var result = ""
    if let engine = report.engine {
      result += " --engine '" + quoted(engine) + "'"
    }
    let usual = report.engine == nil ? "engine" : "f32"
    if let arithmetic = report.arithmetic, arithmetic != usual { result += " --arithmetic \(arithmetic)" }
    return result
  }

  /// The case's place: its line in the corpus, or its number.
  static func place(of finding: FuzzReport.Finding) -> String {
    finding.corpusLine.map { "line \($0) of the corpus" } ?? "case \(finding.number ?? 0)"
  }
}

extension FuzzReport {
  /// Whether the outputs are those of the engine here, in its own arithmetic.
  package var isOwn: Bool { engine == nil && outputs == nil && arithmetic ?? "engine" == "engine" }
}
