import PlumbDrift
import PlumbVerdicts

/// The earlier tokens that each token attends to, as a picture and in words.
struct AttentionChart {
  var subject = ReportSubject.engine
  let map: AttentionMap
  /// The text of each token of the prompt.
  let texts: [String]

  /// The drawing, and the greatest weights of each token.
  var markup: Markup {
    let content: [Markup] = [
      .tag("h3", "Block \(map.block), head \(map.head)"),
      .tag(
        "p", ["class": "note"],
        .text("The \(subject)'s weights are at most \(ReportText.scientific(map.drift)) from the exact ones.")),
      .tag("figure", [:], [drawing]),
      .tag("details", ["class": "printed"], [.tag("summary", "The exact weights and scores, in numbers"), table]),
    ]
    return .tag("div", [:], content)
  }

  /// The most columns; of more positions, several share one.
  private static let greatestColumns = 96

  private var positions: Int { (map.rows.last?.position ?? 0) + 1 }
  /// The number of positions in a column.
  private var perColumn: Int { (positions + Self.greatestColumns - 1) / Self.greatestColumns }

  private var drawing: Markup {
    let columns = (positions + perColumn - 1) / perColumn
    let size = columns > 48 ? 9.0 : 15.0
    // Room for the names above the columns, where there is room for names.
    let isNamed = perColumn == 1 && columns <= 48
    let longest = isNamed ? (0..<columns).map { label($0, 11).count }.max() ?? 0 : 0
    let (left, top) = (120.0, isNamed ? 14 + 5.5 * Double(longest) : 8.0)
    var content: [Markup] = []
    if isNamed {
      for column in 0..<columns {
        content.append(
          Drawing.text(
            left + (Double(column) + 0.7) * size, top - 6, label(column, 11), class: "soft", size: 10, turned: -60))
      }
    }
    var paths: [Int: String] = [:]
    for (index, row) in map.rows.enumerated() {
      let y = top + Double(index) * size
      content.append(
        Drawing.text(
          left - 6, y + size * 0.75, label(row.position, 15), anchor: "end", class: "soft", size: min(size, 11)))
      for column in 0...row.position / perColumn {
        let first = column * perColumn
        let weight = row.weights[first..<min(first + perColumn, row.position + 1)].reduce(0, +)
        let x = left + Double(column) * size
        paths[Self.step(of: weight), default: ""] +=
          "M\(Drawing.number(x)) \(Drawing.number(y))h\(Drawing.number(size - 1))v\(Drawing.number(size - 1))"
          + "h\(Drawing.number(1 - size))z"
      }
    }
    content += paths.sorted { $0.key < $1.key }.map { .tag("path", ["class": "s\($0.key)", "d": $0.value]) }
    let bottom = top + Double(map.rows.count) * size
    content += legend(y: bottom + 12)
    let width = max(left + Double(columns) * size + 46, 480)
    return Drawing(
      name: "attention-\(map.block)-\(map.head)", title: "Attention of head \(map.head) in block \(map.block)",
      description: "A row for each token, a column for each token up to it; darker where the exact weight is greater. "
        + "The greatest weights are in the table that follows.", width: width, height: bottom + 34,
      leastWidth: min(width * 0.8, 640), content: content
    ).markup
  }

  private func label(_ position: Int, _ length: Int) -> String {
    ReportText.shortened(Self.name(position, texts), length)
  }

  /// The token in quotes, or its position where its text is only part of a character.
  private static func name(_ position: Int, _ texts: [String]) -> String {
    guard texts.indices.contains(position), !texts[position].contains("\u{FFFD}") else { return "position \(position)" }
    return ReportText.quoted(texts[position])
  }

  /// Shades follow the square root of the weight: step k holds the weights from (k/9)² on.
  private static func step(of weight: Double) -> Int { min(8, max(0, Int(weight.squareRoot() * 9))) }

  private func legend(y: Double) -> [Markup] {
    (0..<9).map { Drawing.rectangle(140 + Double($0) * 18, y, 18, 12, class: "s\($0)") } + [
      Drawing.text(134, y + 10, "0", anchor: "end", class: "soft"),
      Drawing.text(308, y + 10, "1 (shade: square root)", class: "soft"),
    ]
  }

  private var table: Markup {
    let rows: [ReportTable.Row] = map.rows.map { row in
      let attended = row.attended.map {
        "\(Self.name($0.position, texts)) \($0.exact) (score \($0.score))"
      }
      return ReportTable.row(
        "\(row.position)  \(Self.name(row.position, texts))", [(attended.joined(separator: " · "), "")])
    }
    return ReportTable(
      caption: "Attention of head \(map.head) in block \(map.block), in numbers",
      columns: ["token", "attends most to, with the exact weight and score, each digit proved"], rows: rows
    ).markup
  }
}
