import PlumbDrift
import PlumbVerdicts

/// The sections that show activations, of the engine here or of a dump.
struct ActivationSections {
  private let subject: ReportSubject
  private let activations: [ActivationDrift]
  /// The activations that a dump lacks, and where each was checked.
  private let bridges: [HeatMap.Bridge]

  /// The sections of `activations`, in the order of the pass.
  init(_ subject: ReportSubject, _ activations: [ActivationDrift], bridges: [HeatMap.Bridge] = []) {
    self.subject = subject
    self.activations = activations
    self.bridges = bridges
  }

  /// The growth of drift, the heat maps, the histograms, the worst elements.
  var overview: [ReportPage.Section] { growth + maps + [histograms, worst] }

  private var growth: [ReportPage.Section] {
    guard let growth = GrowthChart(activations) else { return [] }
    let whole =
      growth.isAccumulated
      ? "The line with circles is the whole pass so far, fed only the tokens; the dashed one with squares is"
      : "The line is"
    return [
      .init(
        "How drift grows",
        [
          ReportPage.note(
            "Each distance is relative to the greatest element of its activation. \(whole) the worst layer of the block "
              + "alone, fed what the \(subject) has for its inputs. What stands on the lowest line is at most that, or 0; ∞ is what is not finite."
          ),
          .tag("figure", [:], [growth.markup]),
        ])
    ]
  }

  private var maps: [ReportPage.Section] {
    let entries: [(HeatMap.Measure, String, String)] = [
      (
        .margin, "Where rounding comes near its bound",
        "The margin is the distance from the exact value on the \(subject)'s own inputs, divided by the proved bound "
          + "on what rounding can do. Above 1 it is proved not to be rounding, of the layer's "
          + "formula in the arithmetic below."
      ),
      (
        .accumulated, "Where drift has accumulated",
        "The distance from the exact pass over the same tokens, relative to the greatest element."
      ),
    ]
    return entries.compactMap { measure, heading, note in
      HeatMap(activations, measure, bridges: bridges).map {
        .init(heading, [ReportPage.note(note), .tag("figure", [:], [$0.markup])])
      }
    }
  }

  private var histograms: ReportPage.Section {
    .init(
      "How the elements are distributed",
      [
        ReportPage.note("Every element of every activation above, on the \(subject)'s own inputs."),
        .tag(
          "div", ["class": "pair"],
          [
            Histogram(
              name: "margin-histogram", title: "Elements by margin", unit: "",
              bins: HistogramBin.joined(activations.map(\.local.margins))
            ).figure("By margin"),
            Histogram(
              name: "ulp-histogram", title: "Elements by distance in ulps", unit: " ulp",
              bins: HistogramBin.joined(activations.map(\.local.ulps))
            ).figure("By distance in ulps"),
          ]),
      ])
  }

  private var worst: ReportPage.Section {
    .init(
      "The elements of the greatest margins",
      [
        ReportPage.note(
          "One of each activation. Numbers are exact, as hexadecimal floats; the enclosure contains the real number."),
        ActivationTables(subject: subject, activations: activations).worst(20),
      ])
  }

  /// The likeliest next tokens.
  func distribution(_ next: [NextToken], topTokenProved: Bool) -> ReportPage.Section {
    .init(
      "The next token",
      [
        ReportPage.note(
          "The exact probabilities are enclosed; where an error bar is a single stroke, it is narrower than the stroke. "
            + "The \(subject)'s first choice is \(topTokenProved ? "" : "NOT ")proved to be the exact first choice.")
      ] + DistributionChart(subject: subject, next: next).markup)
  }

  /// The `maps` of attention; none where there are none.
  func attention(_ maps: [AttentionMap]?, texts: [String]) -> [ReportPage.Section] {
    guard let maps, !maps.isEmpty else { return [] }
    let charts = maps.map { AttentionChart(subject: subject, map: $0, texts: texts).markup }
    // Small maps stand side by side where there is room.
    let style = texts.count <= 24 ? "pair" : ""
    return [
      .init(
        "Which tokens attend to which",
        [
          ReportPage.note(
            "Each row is a token; its cells are the tokens up to itself that it may see, the first token leftmost. "
              + "The exact weights of a row add up to 1."),
          .tag("div", ["class": style], charts),
        ])
    ]
  }

  /// Every activation in numbers, with `columns` of a dump's own.
  func all(columns: [(heading: String, cells: [String])] = []) -> ReportPage.Section {
    .init(
      "All activations",
      [
        ReportPage.note(
          "Distances are upper bounds and rounded up. Local: on the very inputs that the \(subject) has for it. "
            + "Accumulated: the whole pass from the tokens."),
        .tag(
          "details", [:],
          [
            .tag("summary", "The \(activations.count) activations in numbers"),
            ActivationTables(subject: subject, activations: activations).all(columns: columns),
          ]),
      ])
  }
}
