import Foundation
import PlumbFuzzing
import PlumbVerdicts

/// The findings of `plumb fuzz`, as one self-contained page.
package struct FuzzPage: Sendable {
  private let reports: [FuzzReport]
  private let provenance: Provenance

  /// Makes the page of `reports`, which the command line `command` of the given `version` made.
  package init(_ reports: [FuzzReport], command: [String], version: String) {
    self.reports = reports
    provenance = Provenance(version: version, command: command)
  }

  /// The file's text: the same reports give the same bytes.
  package var text: String {
    let title = reports.count == 1 ? reports[0].layer : "\(reports.count) layers"
    return ReportPage(
      kicker: "Plumbline fuzz report", title: title, summary: [banner] + interruption + [facts],
      sections: failures + [layers] + margins + [worst, origin]
    ).text
  }

  private var failed: Int { reports.reduce(0) { $0 + $1.failed } }
  private var cases: Int { reports.reduce(0) { $0 + $1.cases } }
  private var outsideDomain: Int { reports.reduce(0) { $0 + $1.outsideDomain } }

  private var banner: Markup {
    guard failed == 0 else {
      let layers = reports.filter { $0.failed > 0 }.map(\.layer).joined(separator: ", ")
      return Verdict.outside.banner("\(failed) of \(cases) cases are outside their bounds, in \(layers).")
    }
    if reports.allSatisfy(\.claimsNothing) {
      return Verdict.outsideDomain.banner(FuzzTable.nothingClaimed.replacing("\n", with: " "))
    }
    let rest =
      outsideDomain > 0
      ? " Of \(outsideDomain) cases, nothing is claimed of some elements, as an intermediate may overflow." : ""
    let open = FuzzTable.undecided(reports).map { " " + $0 } ?? ""
    return Verdict.within.banner("\(cases) cases decided, none outside its bounds.\(rest)\(open)")
  }

  private var interruption: [Markup] {
    guard reports.contains(where: { !$0.isComplete }) else { return [] }
    return [
      .tag(
        "div", ["class": "verdict domain"],
        [.tag("b", "! interrupted"), " ", .tag("span", "This is the report so far.")])
    ]
  }

  private var facts: Markup {
    let greatest = reports.max { $0.greatest?.margin ?? -1 < $1.greatest?.margin ?? -1 }
    let (filtered, exact) = reports.reduce((0, 0)) { ($0.0 + $1.filteredElements, $0.1 + $1.exactElements) }
    return ReportPage.facts([
      ("cases", "\(cases)", "\(reports.reduce(0) { $0 + $1.replayed }) of the corpus"),
      ("outside", "\(failed)", failed == 0 ? "not one case" : "the first of each layer are below"),
      ("greatest margin", ReportText.short(greatest?.greatest?.margin ?? 0), greatest?.layer ?? ""),
      ("elements", "\(filtered + exact)", "\(exact) of them by the exact path, the others by the filter"),
    ])
  }

  /// The failures, before everything else; nothing where there are none.
  private var failures: [ReportPage.Section] {
    let failing = reports.filter { !$0.failures.isEmpty }
    guard !failing.isEmpty else { return [] }
    let tables = failing.flatMap { report -> [Markup] in
      let failures = FailureGroups(report)
      return [
        .tag("h3", report.layer),
        findings("Failures of \(report.layer)", failures.groups.map { ($0.heading, $0.first, report) }),
      ] + (FuzzTable.explained(report).map { [ReportPage.note($0)] } ?? [])
        + (failures.left > 0 ? [ReportPage.note("And \(failures.left) more, which are counted and not kept.")] : [])
    }
    return [
      .init(
        "What failed",
        [
          ReportPage.note(
            "The replay decides the case again, shrunk, and the sentence before it is about that; the numbers are those of "
              + "the case as it was found. Cases that became the same are one.")
        ] + (FuzzTable.condition(of: reports).map { [ReportPage.note($0.text)] } ?? [])
          + tables)
    ]
  }

  private var layers: ReportPage.Section {
    let rows = reports.map { report in
      ReportTable.row(
        report.layer,
        [
          (report.failed > 0 ? "✗ outside" : "✓ within", "w"),
          ("\(report.cases)", "r"), ("\(report.failed)", "r"), ("\(report.outsideDomain)", "r"),
          (ReportText.short(report.greatest?.margin ?? 0), "r"), (ReportText.short(report.worstUlps), "r"),
          ("\(report.filteredElements)", "r"), ("\(report.exactElements)", "r"),
        ])
    }
    return .init(
      "Layers",
      [
        ReportPage.note(
          "The margin is the distance from the exact value divided by the proved bound on what rounding can do: above 1 it "
            + "is proved not to be rounding, of the layer's formula in the arithmetic below. A case is outside the domain where an intermediate may overflow, or an input "
            + "is not finite: then nothing is claimed of some of its elements."),
        ReportTable(
          caption: "Layers",
          columns: [
            "layer", "verdict", "cases", "outside", "outside the domain", "greatest margin", "max ulps",
            "elements by the filter", "by the exact path",
          ], rows: rows
        ).markup,
      ])
  }

  private var margins: [ReportPage.Section] {
    guard let map = MarginMap(reports) else { return [] }
    return [
      .init(
        "How the cases are distributed by margin",
        [
          ReportPage.note(
            "Each case by the margin of its worst element, in percent of the layer's cases of which something is claimed. "
              + "A bound that no case comes near may be too wide; here one sees how near they come."),
          .tag("figure", [:], [map.markup]),
        ])
    ]
  }

  /// The worst case of each layer, with the line that decides it again.
  private var worst: ReportPage.Section {
    .init(
      "The worst case of each layer",
      [
        ReportPage.note("Numbers are exact, as hexadecimal floats; the enclosure contains the real number."),
        findings(
          "The worst case of each layer",
          reports.compactMap { report in
            report.greatest.map { ("\(report.layer), \(FuzzTable.place(of: $0))", $0, report) }
          }),
      ])
  }

  private func findings(
    _ caption: String, _ findings: [(heading: String, finding: FuzzReport.Finding, report: FuzzReport)]
  ) -> Markup {
    let rows = findings.map { heading, finding, report in
      let worst = finding.worst
      let enclosure = worst.map { $0.lower == $0.upper ? $0.lower : "\($0.lower) to \($0.upper)" }
      return ReportTable.Row(
        heading,
        [
          .init(ReportText.short(finding.margin), "r"), .init(ReportText.short(finding.ulps), "r"),
          .init(worst.map { "[\($0.index.map(String.init).joined(separator: ", "))]" } ?? ""),
          .init(worst?.engine ?? "", "hex"),
          .init(enclosure ?? "", "hex"),
          .init(
            .sequence((finding.what.map { [.tag("p", ReportText.shown($0))] } ?? []) + [Self.replay(finding, report)]),
            "wide"),
        ])
    }
    return ReportTable(
      caption: caption,
      columns: ["case", "margin", "max ulps", "element", "engine", "exact, enclosed", "again"], rows: rows,
      isCards: true
    ).markup
  }

  /// The line that decides a case again; long ones are folded, and what no shell would take is left to the JSON.
  private static func replay(_ finding: FuzzReport.Finding, _ report: FuzzReport) -> Markup {
    let line = ReportText.shown(FuzzTable.replay(finding, of: report))
    guard line.utf8.count <= greatestLine else {
      return .text("a line of \(line.utf8.count) bytes: see 'replay' in the JSON")
    }
    guard line.count > 160 else { return ReportPage.command(line) }
    return .tag("details", ["class": "printed"], [.tag("summary", "replay"), ReportPage.command(line)])
  }

  /// The most bytes of a line that a page shows.
  ///
  /// Linux's `execve` takes 128 KiB as one argument; a page holds some forty lines.
  private static let greatestLine = 32 << 10

  private var origin: ReportPage.Section {
    let first = reports.first
    let arithmetic = first?.arithmetic ?? "engine"
    let summary = (try? Arithmetic(parsing: arithmetic).summary).map { ": \($0)" } ?? ""
    let shards = Set(reports.flatMap(\.shards)).sorted { $0.index < $1.index }
    var facts = [
      ("seed", "\(first?.seed ?? 0)"), ("engine", first?.engine.map { ReportText.shown($0) } ?? "plumb's own"),
      ("arithmetic", arithmetic + summary),
    ]
    if shards.contains(where: { $0.count > 1 }) {
      facts.append(("shards", shards.map { "\($0.index)/\($0.count)" }.joined(separator: ", ")))
    }
    return .init("Where this comes from", [provenance.markup(facts.map { (term: $0.0, text: $0.1) })])
  }
}
