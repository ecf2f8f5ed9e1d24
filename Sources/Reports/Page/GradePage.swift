import PlumbGrading
import PlumbVerdicts

/// The findings of `plumb grade`, as one self-contained page.
package struct GradePage: Sendable {
  private let report: GradeReport
  private let provenance: Provenance

  /// Makes the page of `report`, which the command line `command` of the given `version` made.
  package init(_ report: GradeReport, command: [String], version: String) {
    self.report = report
    provenance = Provenance(version: version, command: command)
  }

  /// The file's text: the same report gives the same bytes.
  package var text: String {
    let shown = ActivationSections(.dump, report.activations.map(\.drift), bridges: bridges)
    let next = report.next.map { shown.distribution($0, topTokenProved: report.topTokenProved ?? false) }
    return ReportPage(
      kicker: "Plumbline grade report", title: ReportText.shown(report.dump),
      summary: [PromptLine.markup(report.texts), banner, facts],
      sections: cause + reading + shown.overview + (next.map { [$0] } ?? [])
        + shown.attention(report.attention, texts: report.texts) + [shown.all(columns: columns)]
        + (report.gradients.map { [.gradients($0.map(\.drift))] } ?? []) + [origin]
    ).text
  }

  private var banner: Markup {
    report.verdict.banner(ReportText.shown(GradeTable(report).conclusion.joined(separator: " ")))
  }

  private var facts: Markup {
    let worst = report.activations.max { $0.local.margin < $1.local.margin }
    var entries: [(String, String, String)] = [
      ("activations graded", "\(report.activations.count)", "each element against its own bound"),
      ("greatest margin", ReportText.short(worst?.local.margin ?? 0), worst?.name ?? ""),
    ]
    if let first = report.firstCause {
      entries.append(("first cause", first.layer, first.name))
    } else {
      let isChecked = report.activations.contains { $0.local.verdict == .within }
      entries.append(
        ("first cause", "none", isChecked ? "rounding explains what can be checked" : "nothing can be checked"))
    }
    if let last = report.activations.last(where: { $0.name == "logits" })?.accumulated {
      entries.append(
        ("drift of the logits", ReportText.scientific(last.worstAbsolute), "at most, from the exact ones"))
    }
    if let gradients = report.gradients {
      entries.append(("gradients graded", "\(gradients.count)", report.firstGradientCause?.name ?? "none is outside"))
    }
    if let isProved = report.topTokenProved {
      entries.append(
        (
          "first choice", isProved ? "✓ proved" : "✗ not proved",
          isProved ? "the exact first choice too" : "it may not be the exact one"
        ))
    }
    return ReportPage.facts(entries)
  }

  /// The first cause, before everything else; none where there is none.
  private var cause: [ReportPage.Section] {
    guard let cause = report.firstCause else { return [] }
    let rows =
      cause.explanations.map { Self.row($0, "✓ explains it") }
      + cause.refuted.map { Self.row($0, "✗ does not") }
    let table: [Markup] =
      rows.isEmpty
      ? [.tag("p", "No known bug explains what the dump has.")]
      : [
        ReportPage.note(
          "Each is a bug tried on the dump's own inputs to the layer. The margin is how far the dump is from what the bug "
            + "gives, in units of what rounding may do: at most 1 explains the dump. What explains it cannot be told apart "
            + "by this dump."),
        ReportTable(
          caption: "What explains the first cause", columns: ["bug", "verdict", "margin", "cause"], rows: rows
        )
        .markup,
      ]
    let shape: [Markup] =
      cause.shape.isEmpty
      ? [] : [.tag("h3", "The shape of the error"), .tag("ul", [:], cause.shape.map { .tag("li", $0) })]
    return [
      .init(
        "The first cause: \(cause.name)",
        [
          .tag(
            "p", [:],
            .text(
              "\(cause.layers.joined(separator: ", ")): on the dump's own inputs, "
                + "\(report.worstText(of: cause)). It is the first in the order of the pass; "
                + "what was computed from it is judged on its own inputs, and not blamed for them."))
        ] + shape + [.tag("h3", "What explains it")] + table + Self.distinctions(cause))
    ]
  }

  /// The ways to tell apart what explains the dump alike; nothing where there is nothing to tell apart.
  private static func distinctions(_ cause: FirstCause) -> [Markup] {
    guard !cause.distinctions.isEmpty else { return [] }
    let items = cause.distinctions.map { distinction -> Markup in
      let command =
        distinction.replayCommand.map { [Markup.text(" "), ReportPage.command(ReportText.shown($0))] } ?? []
      return .tag("li", [:], [.text(distinction.advice)] + command)
    }
    return [.tag("h3", "How to tell them apart"), .tag("ul", [:], items)]
  }

  private static func row(_ explanation: FirstCause.Explanation, _ word: String) -> ReportTable.Row {
    ReportTable.row(
      explanation.mutant,
      [(word, "w"), (ReportText.short(explanation.margin), "r"), (explanation.cause, "")])
  }

  /// The sentences on how the dump was read; nothing where there are none.
  private var reading: [ReportPage.Section] {
    let table = GradeTable(report)
    let sentences = report.notes + table.bridges + table.reasons
    guard !sentences.isEmpty else { return [] }
    return [
      .init("How the dump was read", [.tag("ul", [:], sentences.map { .tag("li", ReportText.shown($0)) })])
    ]
  }

  /// Each activation that the dump lacks, once, with all that it was checked as one with.
  private var bridges: [HeatMap.Bridge] {
    var places: [String: Int] = [:]
    var bridges: [HeatMap.Bridge] = []
    for activation in report.activations {
      for name in activation.bridged {
        if let place = places[name] {
          bridges[place].checkedIn.append(activation.name)
        } else {
          places[name] = bridges.count
          bridges.append(.init(name: name, checkedIn: [activation.name]))
        }
      }
    }
    return bridges
  }

  private var columns: [(heading: String, cells: [String])] {
    [
      ("tensor", report.activations.map { ReportText.shown($0.tensor) }),
      ("stored as", report.activations.map(\.storage)),
      (
        "checked from",
        report.activations.map { activation in
          activation.from.isEmpty ? "the tokens" : activation.from.joined(separator: ", ")
        }
      ),
    ]
  }

  private var origin: ReportPage.Section {
    .init(
      "Where this comes from",
      [
        provenance.markup(
          [
            ("model", ReportText.shown(report.model)), ("fingerprint", report.fingerprint),
            ("dump", ReportText.shown(report.dump)), ("names", "as in \(ReportText.shown(report.names))"),
            ("tokens", Provenance.list(report.tokens, report.texts)), ("arithmetic", report.arithmetic),
          ] + (report.precision.map { [("exact pass", "\($0) bits")] } ?? []))
      ])
  }
}
