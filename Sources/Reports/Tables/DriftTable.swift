import PlumbDrift
import PlumbModel
import PlumbVerdicts

/// The report as people read it: at most 80 columns, a line for every layer of every block.
package struct DriftTable {
  private let report: DriftReport
  private let colours: TerminalColours

  /// Makes the table of `report`; coloured, it says nothing that it does not say without.
  package init(_ report: DriftReport, isColoured: Bool = false) {
    self.report = report
    colours = TerminalColours(isOn: isColoured)
  }

  /// All lines, each ended by a newline.
  package var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "tokens       \(report.tokens.count)",
      "precision    \(report.precision) bits",
      "",
      "                       local, on the engine's inputs       accumulated",
      "block layer            max ulps  median  margin verdict    max ulps    max abs",
    ]
    lines += ActivationRows(report.activations, colours).lines
    lines.append("")
    let growth = BlockSpark(report.activations, colours).lines
    lines += growth.isEmpty ? [] : growth + [""]
    lines += next.isEmpty ? [] : next + [""]
    lines += report.attribution.map { AttributionTable(attribution: $0).lines + [""] } ?? []
    lines.append(Self.paths(filtered: report.filteredElements, exact: report.exactElements))
    lines.append(conclusion)
    lines += Self.next(report.activations)
    return lines.map { $0 + "\n" }.joined() + (report.baseline?.text ?? "")
  }

  private var next: [String] {
    guard let tokens = report.next, let isProved = report.topTokenProved else { return [] }
    var lines = ["next token               engine          exact, each digit proved"]
    for token in tokens {
      lines.append(
        ReportText.left(Self.name(of: token), 24) + " "
          + ReportText.left(ReportText.fixed(Double(token.engine) ?? .nan), 15)
          + " " + token.exact)
    }
    let proof = isProved ? "is proved to be" : "is NOT proved to be"
    lines.append("The engine's first choice \(proof) the exact first choice.")
    return lines
  }

  /// The proof of all activations, in words.
  var conclusion: String { Self.conclusion(report.activations) }

  /// The proof of `activations`, in lines of at most 80 columns.
  static func conclusion(_ activations: [ActivationDrift]) -> String {
    func count(_ verdict: Verdict) -> Int { activations.count { $0.local.verdict == verdict } }
    let (outside, unclaimed) = (count(.outside), count(.outsideDomain))
    let undecided = Self.undecided(activations)
    if let first = activations.first(where: { $0.local.verdict == .outside }) {
      let condition = ProofCondition(activations, arithmetic: "engine", isOwn: true)?.text ?? ""
      return "\(count(.within)) activations within, \(outside) outside, \(unclaimed) outside the domain.\n"
        + undecided.map { $0 + "\n" }.joined()
        + "Rounding cannot explain '\(first.name)', the first that is outside.\n"
        + WrappedText.lines(condition).joined(separator: "\n")
    }
    guard unclaimed == 0 else {
      let elements = activations.reduce(0) { $0 + $1.local.outsideDomain }
      return undecided.map { $0 + "\n" }.joined()
        + "\(count(.within)) activations within, \(unclaimed) outside the domain: an intermediate may overflow, or\n"
        + "an input is not finite, and nothing is claimed of \(elements) elements."
    }
    guard undecided.isEmpty else {
      return (undecided + ["\(count(.within)) activations within."]).joined(separator: "\n")
    }
    return "\(activations.count) activations checked: all within; rounding explains the drift of every layer."
  }

  /// A line on what to do where one of `activations` is outside.
  static func next(_ activations: [ActivationDrift]) -> [String] {
    activations.first { $0.local.verdict == .outside }
      .map { ["Next: 'plumb fuzz \($0.layer)' looks for a small case of it; 'plumb doctor' names the machine."] } ?? []
  }

  /// Lines of at most 80 columns about what no precision decided of `activations`; none where all is decided.
  static func undecided(_ activations: [ActivationDrift]) -> [String] {
    let open = activations.filter { $0.local.undecided > 0 }
    guard let first = open.first else { return [] }
    let elements = open.reduce(0) { $0 + $1.local.undecided }
    return WrappedText.lines(
      "Undecided: \(elements) element\(elements == 1 ? "" : "s") of "
        + (open.count == 1 ? "'\(first.name)'" : "\(open.count) activations, of '\(first.name)' first") + ", which "
        + "\(LocalMeasurement.greatestPrecision) bits do not tell from the edge of their bounds: nothing is claimed of "
        + (elements == 1 ? "it." : "them."))
  }

  /// The token's text in quotes, or its number where the text is only part of a character.
  static func name(of token: NextToken) -> String {
    token.text.contains("\u{FFFD}") ? "token \(token.token)" : ReportText.quoted(token.text)
  }

  /// The number of elements that each path decided, in a sentence.
  package static func paths(filtered: Int, exact: Int) -> String {
    let total = filtered + exact
    return "\(total) element\(total == 1 ? "" : "s") decided: \(filtered) by the filter, \(exact) exactly."
  }
}
