import PlumbVerdicts

extension ReportPage.Section {
  /// The table of gradients that were checked, in the order of the backward pass.
  static func gradients(_ steps: [ActivationDrift]) -> Self {
    let rows = steps.map { step in
      ReportTable.Row(
        step.name,
        [
          .init(step.layer), .init(ReportText.short(step.local.worstUlps), "r"),
          .init(ReportText.short(step.local.margin), "r"), .init(step.local.verdict.markup),
          .init(step.accumulated.map { ReportText.scientific($0.worstAbsolute) } ?? "", "r"),
        ])
    }
    return .init(
      "Steps backwards",
      [
        ReportTable(
          caption: "Steps backwards", columns: ["gradient", "layer", "max ulps", "margin", "verdict", "accumulated"],
          rows: rows
        ).markup
      ])
  }
}
