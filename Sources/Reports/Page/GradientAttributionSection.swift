import PlumbGradients
import PlumbVerdicts

/// The sources of the drift of a gradient, on a page.
struct GradientAttributionSection {
  let attribution: GradientAttribution

  /// The section.
  var section: ReportPage.Section {
    .init(
      "Where the drift of the gradient comes from",
      [
        .tag(
          "p", ["class": "note"],
          .text(
            "Two ways to take apart how far the engine's gradient is from the exact one: by place, and by kind of layer. What the "
              + "forward pass adds is the exact gradient through the engine's activations less the exact one; what a step backwards adds "
              + "is its own error, carried on to the weights exactly. Either way the parts of an element add up to the whole, digit for "
              + "digit; the norm is that of the part of all gradients of weights together.")),
        table("Drift of the gradient by place", attribution.places),
        table("Drift of the gradient by kind of layer", attribution.layers),
      ])
  }

  private func table(_ caption: String, _ parts: [GradientAttribution.Part]) -> Markup {
    let elements = attribution.elements
    let rows = parts.map { part in
      ReportTable.row(
        part.name, [(part.norm.map { ReportText.scientific($0) } ?? "", "r")] + part.values.map { ($0, "hex") })
    }
    let sum = ReportTable.row("together", [("", "r")] + elements.map { ($0.drift, "hex") })
    return ReportTable(
      caption: caption,
      columns: ["part", "norm, at most"] + elements.map { "\($0.choice): \(GradientAttributionTable.name(of: $0))" },
      rows: rows + [sum]
    ).markup
  }
}
