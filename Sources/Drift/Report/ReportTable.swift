/// A table of a page: it scrolls sideways by itself where the page is narrow.
package struct ReportTable {
  /// A row: its heading, then its cells.
  package struct Row {
    let heading: String
    let cells: [Cell]

    /// Makes a row.
    package init(_ heading: String, _ cells: [Cell]) { (self.heading, self.cells) = (heading, cells) }
  }

  /// A cell.
  package struct Cell {
    let content: Markup
    let style: String

    /// Text, and a class of the style sheet: `r` for a number, `hex` for a hexadecimal float.
    package init(_ text: String, _ style: String = "") { self.init(.text(text), style) }

    /// Anything, and a class of the style sheet.
    package init(_ content: Markup, _ style: String = "") { (self.content, self.style) = (content, style) }
  }

  private let caption: String
  private let columns: [String]
  private let rows: [Row]

  /// Makes a table; the `caption` says what it shows to who cannot see it.
  package init(caption: String, columns: [String], rows: [Row]) {
    (self.caption, self.columns, self.rows) = (caption, columns, rows)
  }

  /// The table on the page: the heading of a column stands above its cells as these stand.
  package var markup: Markup {
    let styles = [""] + (rows.first?.cells.map { $0.style == "r" ? "r" : "" } ?? [])
    let headings = columns.enumerated().map { index, column -> Markup in
      .tag("th", ["scope": "col", "class": index < styles.count ? styles[index] : ""], .text(column))
    }
    let body = rows.map { row -> Markup in
      .tag(
        "tr", [:],
        [.tag("th", ["scope": "row"], .tag("bdi", row.heading))]
          + row.cells.map { .tag("td", ["class": $0.style], $0.content) })
    }
    return .tag(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      .tag("table", [:], [.tag("thead", [:], .tag("tr", [:], headings)), .tag("tbody", [:], body)]))
  }

  /// A row of texts, each with a class of the style sheet.
  package static func row(_ heading: String, _ cells: [(text: String, style: String)]) -> Row {
    Row(heading, cells.map { Cell($0.text, $0.style) })
  }
}
