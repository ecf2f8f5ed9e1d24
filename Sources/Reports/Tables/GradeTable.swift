import PlumbGrading
import PlumbModel
import PlumbVerdicts

/// The report as people read it: at most 80 columns, a line for every layer of every block, then the cause.
package struct GradeTable {
  private let report: GradeReport
  private let colours: TerminalColours

  /// Makes the table of `report`; coloured, it says nothing that it does not say without.
  package init(_ report: GradeReport, isColoured: Bool = false) {
    self.report = report
    colours = TerminalColours(isOn: isColoured)
  }

  /// All lines, each ended by a newline.
  package var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "dump         \(report.dump), names as in \(report.names)",
      "arithmetic   \(report.arithmetic)",
      "tokens       \(report.tokens.count)",
    ]
    if !report.activations.isEmpty {
      lines += [
        "",
        "                       local, on the dump's own inputs     accumulated",
        "block layer            max ulps  median  margin verdict    max ulps    max abs",
      ]
      lines += ActivationRows(report.activations.map(\.drift), colours).lines
    }
    if let gradients = report.gradients {
      lines += [""] + GradientRows.heads("dump", isAccumulated: false)
      lines += GradientRows(gradients.map(\.drift), colours).lines
    }
    lines.append("")
    lines += report.notes.flatMap { WrappedText.lines($0) }
    lines += (bridges + reasons).flatMap { WrappedText.lines($0) }
    lines += conclusion.flatMap { WrappedText.lines($0) }.map { colours.paint($0, report.verdict) }
    lines += (report.firstCause?.paragraphs(isWhole: false) ?? []).flatMap(\.lines)
    lines += next.map { WrappedText.lines($0) } ?? []
    return lines.map { $0 + "\n" }.joined()
  }

  /// The layers that were checked as one, said once for all blocks.
  var bridges: [String] {
    var seen = Set<String>()
    return (report.activations + (report.gradients ?? [])).compactMap { activation in
      guard !activation.bridged.isEmpty else { return nil }
      func role(_ name: String) -> String {
        let words = name.split(separator: ".")
        return words.suffix(words.last == "grad" ? 2 : 1).joined(separator: ".")
      }
      let between = activation.bridged.map(role)
      let shown =
        between.count > 6 ? "\(between.count) activations from \(between[0]) on" : between.joined(separator: ", ")
      let sentence = "The dump has no \(shown): checked as one with \(role(activation.name))."
      return seen.insert(sentence).inserted ? sentence : nil
    }
  }

  /// The reasons why nothing is claimed, for the first few activations of which nothing is.
  var reasons: [String] {
    let all = (report.activations + (report.gradients ?? [])).compactMap(\.unclaimed)
    let shown = all.prefix(3)
    return shown + (all.count > shown.count ? ["Likewise of \(all.count - shown.count) more activations."] : [])
  }

  /// The advice on a grade that is not within; `nil` on one that is.
  private var next: String? {
    guard report.verdict != .within else { return nil }
    if report.firstCause == nil, let cause = report.firstGradientCause {
      return
        "Next: compare the code that '\(cause.name)' comes through backwards with the formulas above, and grade a new dump."
    }
    guard let cause = report.firstCause else {
      return "Next: dump more of the pass, so that less is checked as one; 'plumb explain domain' says why nothing is "
        + "claimed."
    }
    return cause.explanations.isEmpty
      ? "Next: 'plumb diagnose' with the same arguments and a greater '--patience' tries more; compare the code of "
        + "'\(cause.name)' with the formula that 'plumb layer \(cause.layer) --list' prints."
      : "Next: look in the code of '\(cause.name)' for what explains it, mend it, and grade a new dump: a bug behind it shows then."
  }

  /// The sentences on what is proved, and on where the first causes are.
  var conclusion: [String] {
    guard let gradients = report.gradients else { return ofActivations }
    func count(_ verdict: Verdict) -> Int { gradients.count { $0.local.verdict == verdict } }
    let open = count(.undecided) + count(.outsideDomain)
    var sentences = report.activations.isEmpty ? [] : ofActivations
    guard let cause = report.firstGradientCause else {
      sentences.append(
        open == 0
          ? "\(gradients.count) gradients graded: all within; rounding explains every one of them."
          : "\(count(.within)) gradients within; of \(open) nothing is claimed, or not of each element.")
      return sentences
    }
    sentences.append(
      "\(count(.within)) gradients within, \(count(.outside)) outside"
        + (open > 0 ? ", of \(open) nothing is claimed." : "."))
    sentences.append(
      "The first cause of the backward pass is '\(cause.name)' (\(cause.layers.joined(separator: ", "))): on what the dump has "
        + "around it, \(report.worstText(of: cause)). Rounding cannot explain it.")
    let layers = cause.layers.compactMap { LayerKind(rawValue: $0) }
    return sentences
      + (ProofCondition(outside: layers, arithmetic: report.arithmetic, isOwn: false).map { [$0.text] } ?? [])
  }

  private var ofActivations: [String] {
    func count(_ verdict: Verdict) -> Int { report.activations.count { $0.local.verdict == verdict } }
    let (undecided, experts) = (count(.undecided), count(.anotherExpert))
    let open = (undecided > 0 ? "\(undecided) undecided, " : "") + "\(count(.outsideDomain)) outside the domain"
    guard let cause = report.firstCause else {
      guard report.activations.allSatisfy({ $0.local.verdict == .within }) else {
        let elements = report.activations.reduce(0) { $0 + $1.local.outsideDomain + $1.local.undecided }
        return [
          "\(count(.within)) activations within, \(open): nothing is claimed of \(elements) elements."
        ]
      }
      return ["\(report.activations.count) activations graded: all within; rounding explains every one of them."]
    }
    return [
      "\(count(.within)) activations within, \(count(.outside)) outside, "
        + (experts > 0 ? "\(experts) by another expert, " : "") + "\(open).",
      "The first cause is '\(cause.name)' (\(cause.layers.joined(separator: ", "))): on the dump's own inputs to it, "
        + "\(report.worstText(of: cause)). Rounding cannot explain it.",
    ]
      + (ProofCondition(report.activations.map(\.drift), arithmetic: report.arithmetic, isOwn: false).map { [$0.text] }
        ?? [])
  }
}
