import PlumbDrift
import PlumbExact
import PlumbVerdicts

/// The sources of the drift of the logits, on a page.
struct AttributionSection {
  let attribution: Attribution

  /// The section.
  var section: ReportPage.Section {
    let choices = attribution.logits.map { "\($0.choice) \(AttributionTable.name(of: $0))" }.joined(separator: ", ")
    return .init(
      "Where the drift of the logits comes from",
      [
        .tag(
          "p", ["class": "note"],
          .text(
            "Two ways to take apart how far the engine's logits are from the exact ones. By place: the exact pass goes on "
              + "from the engine's own numbers, from one block later each time. By cause: what each layer added is put "
              + "into the exact pass, one kind after the other. Either way the parts add up to the whole, digit for "
              + "digit. The bars are those of the first of these logits: \(choices).")),
        .tag("h3", "By place"), .tag("figure", [:], [drawing("places", "By place", attribution.places)]),
        .tag("h3", "By cause"), .tag("figure", [:], [drawing("totals", "By cause", attribution.totals)]),
        .tag("h3", "By cause and kind of layer"),
        .tag("figure", [:], [drawing("causes", "By cause and kind of layer", attribution.causes)]),
        .tag(
          "details", ["class": "printed"],
          [
            .tag("summary", "The parts in numbers, exactly"),
            table("Drift of the logits by place", attribution.places),
            table("Drift of the logits by cause", attribution.totals),
            table("Drift of the logits by cause and kind of layer", attribution.causes),
          ]),
      ])
  }

  /// The parts of the first logit as bars to the left and right of nothing.
  private func drawing(_ name: String, _ title: String, _ parts: [Attribution.Part]) -> Markup {
    let values = parts.map { (Rational($0.values.first ?? "0") ?? 0).rounded(to: Double.self, .toNearestOrEven) }
    let greatest = values.map(\.magnitude).max() ?? 0
    let (label, reach, row) = (284.0, 90.0, 19.0)
    let zero = label + 66 + reach
    var content: [Markup] = []
    for (index, part) in parts.enumerated() {
      let y = Double(index) * row + 4
      let length = greatest > 0 ? values[index].magnitude / greatest * reach : 0
      let isNegative = values[index] < 0
      content += [
        Drawing.text(label - 8, y + 12, AttributionTable.label(of: part), anchor: "end", class: "soft"),
        Drawing.rectangle(
          isNegative ? zero - length : zero, y + 1, length, row - 4, class: isNegative ? "second" : "bar"),
        Drawing.text(
          isNegative ? zero - length - 6 : zero + length + 6, y + 12, AttributionTable.number(part.values.first ?? "0"),
          anchor: isNegative ? "end" : "start"),
      ]
    }
    let bottom = Double(parts.count) * row + 6
    content.append(Drawing.line(zero, 0, zero, bottom, class: "axis"))
    let logit = attribution.logits.first.map { "of the logit of \(AttributionTable.name(of: $0)), \($0.choice)" } ?? ""
    return Drawing(
      name: name, title: "\(title): parts of the drift \(logit)",
      description: "A bar for each part, to the left where it is negative. The numbers are in the table that follows.",
      width: zero + reach + 70, height: bottom, leastWidth: 420, content: content
    ).markup
  }

  private func table(_ caption: String, _ parts: [Attribution.Part]) -> Markup {
    let rows = parts.map { part in
      ReportTable.row(
        AttributionTable.label(of: part),
        part.values.map { ($0, "hex") } + [(ReportText.scientific(part.greatest), "r")])
    }
    let sum = ReportTable.row("together", attribution.logits.map { ($0.drift, "hex") } + [("", "r")])
    return ReportTable(
      caption: caption, columns: ["part"] + attribution.logits.map(\.choice) + ["any logit, at most"],
      rows: rows + [sum]
    ).markup
  }
}
