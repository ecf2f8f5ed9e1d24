import PlumbGradients
import PlumbVerdicts

/// The findings of `plumb gradient`, as one self-contained page.
package struct GradientPage: Sendable {
  private let report: GradientReport
  private let provenance: Provenance

  /// Makes the page of `report`, which the command line `command` of the given `version` made.
  package init(_ report: GradientReport, command: [String], version: String) {
    self.report = report
    provenance = Provenance(version: version, command: command)
  }

  /// The file's text: the same report gives the same bytes.
  package var text: String {
    ReportPage(
      kicker: "Plumbline gradient report", title: ReportText.shown(report.model),
      summary: [
        PromptLine.markup(report.texts),
        report.verdict.banner(GradientTable(report).conclusion.replacing("\n", with: " ")), facts,
      ],
      sections: [tensors] + (report.attribution.map { [GradientAttributionSection(attribution: $0).section] } ?? [])
        + [.gradients(report.steps), origin]
    ).text
  }

  private var facts: Markup {
    let worst = report.steps.max { $0.local.margin < $1.local.margin }
    return ReportPage.facts([
      ("loss", report.loss.exact, "each digit proved"),
      ("norm of the whole gradient", report.norm.exact, "each digit proved"),
      ("greatest margin", ReportText.short(worst?.local.margin ?? 0), worst?.name ?? ""),
    ])
  }

  private var tensors: ReportPage.Section {
    let rows = report.tensors.map { tensor in
      ReportTable.row(
        tensor.name,
        [
          ("\(tensor.shape)", ""), (tensor.norm.exact, "r"), (ReportText.scientific(tensor.relativeNorm), "r"),
          (ReportText.scientific(tensor.accumulated.worstAbsolute), "r"),
          (ReportText.short(tensor.accumulated.worstUlps), "r"),
        ])
    }
    return .init(
      "Gradients of weights",
      [
        ReportTable(
          caption: "Gradients of weights",
          columns: ["tensor", "shape", "norm, each digit proved", "drift ÷ norm", "max abs", "max ulps"], rows: rows
        ).markup
      ])
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
