import PlumbDrift
import PlumbVerdicts

/// The findings of `plumb drift`, as one self-contained page.
package struct DriftPage: Sendable {
  private let report: DriftReport
  private let provenance: Provenance

  /// Makes the page of `report`, which the command line `command` of the given `version` made.
  package init(_ report: DriftReport, command: [String], version: String) {
    self.report = report
    provenance = Provenance(version: version, command: command)
  }

  /// The file's text: the same report gives the same bytes.
  package var text: String {
    ReportPage(
      kicker: "Plumbline drift report", title: ReportText.shown(report.model),
      summary: [PromptLine.markup(report.texts), banner] + regressions + [facts],
      sections: regressionTable + shown.overview
        + (report.next.map { [shown.distribution($0, topTokenProved: report.topTokenProved ?? false)] } ?? [])
        + (report.attribution.map { [AttributionSection(attribution: $0).section] } ?? [])
        + shown.attention(report.attention, texts: report.texts) + [shown.all(), origin]
    ).text
  }

  private var shown: ActivationSections { ActivationSections(.engine, report.activations) }

  private var banner: Markup { report.verdict.banner(DriftTable(report).conclusion.replacing("\n", with: " ")) }

  /// The second statement, where there is one: it never changes the first.
  private var regressions: [Markup] {
    guard let baseline = report.baseline else { return [] }
    let isWorse = !baseline.regressions.isEmpty
    return [
      .tag(
        "div", ["class": "verdict \(isWorse ? "domain" : "")"],
        [.tag("b", isWorse ? "! worse than recorded" : "= as recorded"), " ", .tag("span", baseline.summary)])
    ]
  }

  /// The numbers that are worse than recorded; nothing where none is.
  private var regressionTable: [ReportPage.Section] {
    guard let baseline = report.baseline, !baseline.regressions.isEmpty else { return [] }
    let rows = baseline.regressions.map {
      ReportTable.row(
        $0.name, [($0.measure, ""), (ReportText.short($0.now), "r"), (ReportText.short($0.recorded), "r")])
    }
    return [
      .init(
        "What is worse than recorded",
        [
          ReportPage.note(
            "At most \(baseline.allowance) times the record is allowed. This is a regression, no proof: what is proved of "
              + "each activation does not change by it."),
          ReportTable(
            caption: "What is worse than recorded", columns: ["activation", "measure", "now", "recorded"], rows: rows
          ).markup,
        ])
    ]
  }

  private var facts: Markup {
    let worst = report.activations.max { $0.local.margin < $1.local.margin }
    let last = report.activations.last { $0.name == "logits" } ?? report.activations.last
    let subject = last?.name == "logits" ? "logits" : "rows"
    var entries: [(String, String, String)] = [
      ("activations checked", "\(report.activations.count)", "each element against its own bound"),
      ("greatest margin", ReportText.short(worst?.local.margin ?? 0), worst?.name ?? ""),
      (
        "drift of the \(subject)", ReportText.scientific(last?.accumulated?.worstAbsolute ?? 0),
        "at most, from the exact ones"
      ),
    ]
    if let isProved = report.topTokenProved {
      entries.append(
        (
          "first choice", isProved ? "✓ proved" : "✗ not proved",
          isProved ? "the exact first choice too" : "it may not be the exact one"
        ))
    }
    return ReportPage.facts(entries)
  }

  private var origin: ReportPage.Section {
    .init(
      "Where this comes from",
      [
        provenance.markup([
          ("model", ReportText.shown(report.model)), ("fingerprint", report.fingerprint),
          ("tokens", Provenance.list(report.tokens, report.texts)),
          ("arithmetic", report.arithmetic), ("exact pass", "\(report.precision) bits"),
        ])
      ])
  }
}
