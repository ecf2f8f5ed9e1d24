/// What `plumb drift` learns, as one self-contained page.
public struct DriftPage: Sendable {
  private let report: DriftReport
  private let provenance: Provenance

  /// Makes the page of `report`, which the command line `command` of the given `version` made.
  public init(_ report: DriftReport, command: [String], version: String) {
    self.report = report
    provenance = Provenance(version: version, command: command)
  }

  /// The file's text: the same report gives the same bytes.
  public var text: String {
    ReportPage(
      kicker: "Plumbline drift report", title: DriftTable.shown(report.model),
      summary: [banner] + regressions + [facts],
      sections: Self.sections(of: report.activations) + [distribution]
        + (report.attribution.map { [AttributionSection(attribution: $0).section] } ?? [])
        + (attention.map { [$0] } ?? [])
        + [all, origin]
    ).text
  }

  /// The sections that show `activations`, of whatever engine: how drift grows, the heat maps, the histograms, the worst
  /// elements.
  package static func sections(of activations: [ActivationDrift]) -> [ReportPage.Section] {
    var sections: [ReportPage.Section] = []
    if let growth = GrowthChart(activations) {
      sections.append(
        .init(
          "How drift grows",
          [
            note(
              "Each distance is relative to the greatest element of its activation. The line with circles is the whole "
                + "pass so far, fed only the tokens; the dashed one with squares is the worst layer of the block alone, "
                + "fed what the engine fed it. What stands on the lowest line is at most that, or 0."),
            .tag("figure", [:], [growth.markup]),
          ]))
    }
    if let margins = HeatMap(activations, .margin), let accumulated = HeatMap(activations, .accumulated) {
      sections += [
        .init(
          "Where rounding comes near its bound",
          [
            note(
              "The margin is the distance from the exact value on the engine's own inputs, divided by the proved bound "
                + "on what rounding can do. Above 1 it is proved not to be rounding."),
            .tag("figure", [:], [margins.markup]),
          ]),
        .init(
          "Where drift has accumulated",
          [
            note("The distance from the exact pass over the same tokens, relative to the greatest element."),
            .tag("figure", [:], [accumulated.markup]),
          ]),
      ]
    }
    sections += [
      .init(
        "How the elements are distributed",
        [
          note("Every element of every activation above, on the engine's own inputs."),
          .tag(
            "div", ["class": "pair"],
            [
              histogram(
                "By margin",
                Histogram(
                  name: "margin-histogram", title: "Elements by margin", unit: "",
                  bins: HistogramBin.joined(activations.map(\.local.margins)))),
              histogram(
                "By distance in ulps",
                Histogram(
                  name: "ulp-histogram", title: "Elements by distance in ulps", unit: " ulp",
                  bins: HistogramBin.joined(activations.map(\.local.ulps)))),
            ]),
        ]),
      .init(
        "The elements of the greatest margins",
        [
          note(
            "One of each activation. Numbers are exact, as hexadecimal floats; the enclosure contains the real number."),
          ActivationTables(activations: activations).worst(20),
        ]),
    ]
    return sections
  }

  private static func histogram(_ heading: String, _ histogram: Histogram) -> Markup {
    .tag("div", [:], [.tag("h3", heading), .tag("figure", [:], [histogram.markup])])
  }

  private static func note(_ text: String) -> Markup { .tag("p", ["class": "note"], .text(text)) }

  private var banner: Markup {
    .tag(
      "div", ["class": "verdict \(report.verdict.styleClass)"],
      [report.verdict.markup, .tag("span", DriftTable(report).conclusion.replacing("\n", with: " "))])
  }

  /// The second statement, where there is one: it never changes the first.
  private var regressions: [Markup] {
    guard let baseline = report.baseline else { return [] }
    let isWorse = !baseline.regressions.isEmpty
    return [
      .tag(
        "div", ["class": "verdict \(isWorse ? "domain" : "")"],
        [.tag("b", isWorse ? "! worse than recorded" : "= as recorded"), .tag("span", baseline.text)])
    ]
  }

  private var facts: Markup {
    let worst = report.activations.max { $0.local.margin < $1.local.margin }
    let last = report.activations.last { $0.name == "logits" }
    let entries: [(String, String, String)] = [
      ("activations checked", "\(report.activations.count)", "each element against its own bound"),
      ("greatest margin", DriftTable.short(worst?.local.margin ?? 0), worst?.name ?? ""),
      (
        "drift of the logits", DriftTable.scientific(last?.accumulated.worstAbsolute ?? 0),
        "at most, from the exact ones"
      ),
      (
        "first choice", report.topTokenProved ? "✓ proved" : "✗ not proved",
        report.topTokenProved ? "the exact first choice too" : "it may not be the exact one"
      ),
    ]
    return .tag(
      "dl", ["class": "facts"],
      entries.map { term, value, small in
        .tag("div", [:], [.tag("dt", term), .tag("dd", [:], [.text(value), .tag("small", small)])])
      })
  }

  private var distribution: ReportPage.Section {
    .init(
      "The next token",
      [
        Self.note(
          "The exact probabilities are enclosed; where an error bar is a single stroke, it is narrower than the stroke. "
            + "The engine's first choice is \(report.topTokenProved ? "" : "NOT ")proved to be the exact first choice.")
      ] + DistributionChart(next: report.next, topTokenProved: report.topTokenProved).markup)
  }

  private var attention: ReportPage.Section? {
    guard let maps = report.attention, !maps.isEmpty else { return nil }
    return .init(
      "Which tokens attend to which",
      [
        Self.note(
          "Each row is a token; its cells are the tokens up to itself that it may see, the first token leftmost. "
            + "The exact weights of a row add up to 1.")
      ] + maps.flatMap { AttentionChart(map: $0, texts: report.texts).markup })
  }

  private var all: ReportPage.Section {
    .init(
      "All activations",
      [
        Self.note(
          "Distances are upper bounds and rounded up. Local: the layer alone, on the very inputs that the engine gave it. "
            + "Accumulated: the whole pass from the tokens."),
        .tag(
          "details", [:],
          [
            .tag("summary", "The \(report.activations.count) activations in numbers"),
            ActivationTables(activations: report.activations).all,
          ]),
      ])
  }

  private var origin: ReportPage.Section {
    let tokens = zip(report.tokens, report.texts).map { token, text in
      text.contains("\u{FFFD}") ? "\(token)" : "\(token) \(DriftTable.quoted(text))"
    }
    return .init(
      "Where this comes from",
      [
        provenance.markup([
          ("model", DriftTable.shown(report.model)), ("fingerprint", report.fingerprint),
          ("tokens", "\(report.tokens.count): " + tokens.joined(separator: ", ")),
          ("arithmetic", report.arithmetic), ("exact pass", "\(report.precision) bits"),
        ])
      ])
  }
}
