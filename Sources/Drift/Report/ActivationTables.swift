/// The activations of a report in tables.
struct ActivationTables {
  let activations: [ActivationDrift]

  /// The elements of the greatest margins, one of an activation, greatest first.
  func worst(_ count: Int) -> Markup {
    let order = activations.indices.filter { activations[$0].local.worst != nil }.sorted {
      (activations[$1].local.margin, $0) < (activations[$0].local.margin, $1)
    }
    let rows: [Markup] = order.prefix(count).compactMap { index in
      let activation = activations[index]
      guard let worst = activation.local.worst else { return nil }
      let isPoint = worst.lower == worst.upper
      return ReportTable.row(
        "\(activation.name)[\(worst.index.map(String.init).joined(separator: ", "))]",
        [
          (DriftTable.short(activation.local.margin), "r"), (activation.local.verdict.rawValue, ""),
          (worst.engine, "hex"), (isPoint ? worst.lower : "\(worst.lower) to \(worst.upper)", "hex"),
          (DriftTable.scientific(activation.local.bound), "r"),
        ])
    }
    return ReportTable(
      caption: "The elements of the greatest margins",
      columns: ["element", "margin", "verdict", "engine", "exact, enclosed", "bound"], rows: rows
    ).markup
  }

  /// Every activation, in the order of the pass.
  var all: Markup {
    let rows = activations.map { activation in
      let (local, accumulated) = (activation.local, activation.accumulated)
      return ReportTable.row(
        activation.name,
        [
          (activation.layer, ""), (activation.shape.map(String.init).joined(separator: " × "), ""),
          (local.verdict.rawValue, ""), (DriftTable.short(local.margin), "r"), (DriftTable.short(local.worstUlps), "r"),
          (DriftTable.short(local.medianUlps), "r"), (DriftTable.scientific(local.worstAbsolute), "r"),
          (DriftTable.scientific(local.bound), "r"), (DriftTable.short(accumulated.worstUlps), "r"),
          (DriftTable.scientific(accumulated.worstAbsolute), "r"), (DriftTable.scientific(accumulated.relative), "r"),
        ])
    }
    return ReportTable(
      caption: "All activations",
      columns: [
        "activation", "layer", "shape", "verdict", "margin", "local max ulps", "median", "local max abs", "bound",
        "accumulated max ulps", "max abs", "relative",
      ], rows: rows
    ).markup
  }
}
