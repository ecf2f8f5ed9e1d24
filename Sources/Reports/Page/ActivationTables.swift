import PlumbVerdicts

/// The activations of a report in tables.
struct ActivationTables {
  var subject = ReportSubject.engine
  let activations: [ActivationDrift]

  /// The elements of the greatest margins, one of an activation, greatest first.
  func worst(_ count: Int) -> Markup {
    let order = activations.indices.filter { activations[$0].local.worst != nil }.sorted {
      (activations[$1].local.margin, $0) < (activations[$0].local.margin, $1)
    }
    let rows: [ReportTable.Row] = order.prefix(count).compactMap { index in
      let activation = activations[index]
      guard let worst = activation.local.worst else { return nil }
      let isPoint = worst.lower == worst.upper
      return ReportTable.row(
        "\(activation.name)[\(worst.index.map(String.init).joined(separator: ", "))]",
        [
          (ReportText.short(activation.local.margin), "r"), (activation.local.verdict.rawValue, ""),
          (worst.engine, "hex"), (isPoint ? worst.lower : "\(worst.lower) to \(worst.upper)", "hex"),
          (ReportText.scientific(activation.local.bound), "r"),
        ])
    }
    return ReportTable(
      caption: "The elements of the greatest margins",
      columns: ["element", "margin", "verdict", subject.rawValue, "exact, enclosed", "bound"], rows: rows, isCards: true
    ).markup
  }

  /// Every activation, in the order of the pass: its numbers, then the cells of `columns`.
  func all(columns: [(heading: String, cells: [String])] = []) -> Markup {
    let isAccumulated = activations.contains { $0.accumulated != nil }
    let rows = activations.indices.map { index in
      let activation = activations[index]
      let local = activation.local
      var cells = [
        (activation.layer, ""), (activation.shape.map(String.init).joined(separator: " × "), ""),
        (local.verdict.rawValue, ""), (ReportText.short(local.margin), "r"), (ReportText.short(local.worstUlps), "r"),
        (ReportText.short(local.medianUlps), "r"), (ReportText.scientific(local.worstAbsolute), "r"),
        (ReportText.scientific(local.bound), "r"),
      ]
      if isAccumulated {
        let accumulated = activation.accumulated
        cells += [
          accumulated.map { ReportText.short($0.worstUlps) },
          accumulated.map { ReportText.scientific($0.worstAbsolute) },
          accumulated.map { ReportText.scientific($0.relative) },
        ].map { ($0 ?? "", "r") }
      }
      return ReportTable.row(activation.name, cells + columns.map { ($0.cells[index], "") })
    }
    return ReportTable(
      caption: "All activations",
      columns: [
        "activation", "layer", "shape", "verdict", "margin", "local max ulps", "median", "local max abs", "bound",
      ] + (isAccumulated ? ["accumulated max ulps", "max abs", "relative"] : []) + columns.map(\.heading),
      rows: rows
    ).markup
  }
}
