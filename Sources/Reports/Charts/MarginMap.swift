import PlumbFuzzing
import PlumbVerdicts

/// The distribution of each layer's cases by margin: a row for each layer, a column for each power of two.
struct MarginMap {
  /// The reports in the order of the rows: those whose layers are rounded once or not at all come last, and have no shade.
  private let reports: [FuzzReport]
  private let shaded: Int
  private let edges: [Double]

  /// The map of `reports`; `nil` where nothing is claimed of any case.
  init?(_ reports: [FuzzReport]) {
    edges = Set(reports.flatMap { $0.margins.map(\.upTo) }).sorted()
    let groups = [reports.filter { !Self.isRoundedOnce($0) }, reports.filter(Self.isRoundedOnce)]
    self.reports = groups[0] + groups[1]
    shaded = groups[0].count
    if edges.isEmpty { return nil }
  }

  /// Whether every element is rounded once, or not at all: the margins are near 1, or 0, by nature.
  ///
  /// One rounding to Float32 is half an ulp off at most, and what the engine computes in Float64 adds next to nothing.
  private static func isRoundedOnce(_ report: FuzzReport) -> Bool { report.failed == 0 && report.worstUlps <= 0.51 }

  /// The top edge of a row: what is rounded once stands apart.
  private func top(of row: Int) -> Double {
    Self.cell.top + Double(row) * Self.cell.height + (row >= shaded && shaded < reports.count ? 24 : 0)
  }

  private static let cell = (width: 58.0, height: 19.0, left: 150.0, top: 24.0)

  /// The drawing.
  var markup: Markup {
    let cell = Self.cell
    let bottom = top(of: reports.count)
    var content: [Markup] = edges.enumerated().map { column, edge in
      Drawing.text(
        cell.left + (Double(column) + 0.5) * cell.width, cell.top - 8, Self.label(edge), anchor: "middle", class: "soft"
      )
    }
    for (row, report) in reports.enumerated() {
      let y = top(of: row)
      if row == shaded {
        content.append(
          Drawing.text(cell.left, y - 7, "rounded once, or not at all: near the bound, or 0, by nature", class: "soft"))
      }
      content.append(Drawing.text(cell.left - 8, y + 14, report.layer, anchor: "end"))
      let total = report.margins.reduce(0) { $0 + $1.count }
      for bin in report.margins {
        guard let column = edges.firstIndex(of: bin.upTo) else { continue }
        content += draw(
          bin, of: total, report, isShaded: row < shaded, x: cell.left + Double(column) * cell.width, y: y)
      }
    }
    content += (0..<9).map { Drawing.rectangle(cell.left + Double($0) * 22, bottom + 12, 22, 12, class: "s\($0)") }
    content += [
      Drawing.text(cell.left - 6, bottom + 22, "0 %", anchor: "end", class: "soft"),
      Drawing.text(cell.left + 204, bottom + 22, "100 % (shade: square root)", class: "soft"),
    ]
    if edges.contains(where: { $0 > 1 }) {
      content += [
        Drawing.rectangle(cell.left + 380, bottom + 12, 22, 12, class: "bad"),
        Drawing.text(cell.left + 408, bottom + 22, "✗ outside", class: "soft"),
      ]
    }
    let width = max(cell.left + Double(edges.count) * cell.width + 10, 640)
    return Drawing(
      name: "margin-map", title: "Cases of each layer by margin",
      description: reports.map { report in
        "\(report.layer): "
          + report.margins.map { "\(Self.label($0.upTo)): \($0.count)" }.joined(separator: ", ")
      }.joined(separator: "; ") + ".",
      width: width, height: bottom + 34, leastWidth: min(width * 0.8, 620), content: content
    ).markup
  }

  private func draw(
    _ bin: HistogramBin, of total: Int, _ report: FuzzReport, isShaded: Bool, x: Double, y: Double
  ) -> [Markup] {
    let share = Double(bin.count) / Double(max(1, total))
    // Step k holds the shares from (k/9)² on.
    let step = min(8, Int(share.squareRoot() * 9))
    let isOutside = bin.upTo > 1
    let text = Histogram.share(bin.count, of: total)
    let (fill, ink) = isOutside ? ("bad", "badt") : isShaded ? ("s\(step)", "t\(step)") : ("once", "oncet")
    return [
      Drawing.rectangle(
        x, y, Self.cell.width - 1, Self.cell.height - 1, class: fill,
        title: "\(report.layer), margin \(Self.label(bin.upTo)): \(bin.count) of \(total) cases"),
      Drawing.text(
        x + (Self.cell.width - 1) / 2, y + 13, (isOutside ? "✗ " : "") + text, anchor: "middle",
        class: ink, size: 10.5),
    ]
  }

  private static func label(_ edge: Double) -> String {
    if edge == 0 { return "0" }
    return edge.isFinite ? "≤ \(Histogram.text(of: edge))" : "infinite"
  }
}
