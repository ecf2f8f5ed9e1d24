/// A table of a page: it scrolls sideways by itself where the page is narrow.
struct ReportTable {
  /// What it shows, for who cannot see it.
  let caption: String
  let columns: [String]
  let rows: [Markup]

  /// The table on the page.
  var markup: Markup {
    .tag(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      .tag(
        "table", [:],
        [
          .tag("thead", [:], .tag("tr", [:], columns.map { .tag("th", ["scope": "col"], .text($0)) })),
          .tag("tbody", [:], rows),
        ]))
  }

  /// A row: its heading, and cells of a class of the style sheet.
  static func row(_ heading: String, _ cells: [(text: String, style: String)]) -> Markup {
    .tag(
      "tr", [:],
      [.tag("th", ["scope": "row"], .tag("bdi", heading))]
        + cells.map { .tag("td", ["class": $0.style], .text($0.text)) })
  }
}
