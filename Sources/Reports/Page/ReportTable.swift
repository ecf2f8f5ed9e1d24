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
  private let isCards: Bool

  /// Makes a table; the `caption` says what it shows to who cannot see it.
  ///
  /// Rows of long cells are `isCards`: each cell stands under the name of its column, and a cell of class `wide` on lines of
  /// its own, so that nothing is cut however narrow the page is.
  package init(caption: String, columns: [String], rows: [Row], isCards: Bool = false) {
    (self.caption, self.columns, self.rows, self.isCards) = (caption, columns, rows, isCards)
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
          + zip(row.cells, columns.dropFirst()).map { cell, column in
            .tag("td", ["class": cell.style, "data-label": isCards ? column : ""], cell.content)
          })
    }
    let table: Markup = .tag(
      "div", ["class": isCards ? "" : "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      .tag(
        "table", ["class": isCards ? "cards" : ""],
        [.tag("thead", [:], .tag("tr", [:], headings)), .tag("tbody", [:], body)]))
    return isCards ? table : .sequence([ReportPage.scrollSign(leastWidth), table])
  }

  /// About the width below which it scrolls: what does not wrap, at the mean width of a character, and the padding.
  private var leastWidth: Double {
    let widths = columns.indices.map { index -> Int in
      let cells = rows.map { row -> Int in
        if index == 0 { return Self.longestWord(row.heading) }
        guard index <= row.cells.count, case .text(let text) = row.cells[index - 1].content else { return 0 }
        let isWhole = ["r", "w", "hex", "n"].contains(row.cells[index - 1].style)
        return isWhole ? text.count : Self.longestWord(text)
      }
      return max(cells.max() ?? 0, Self.longestWord(columns[index]))
    }
    return widths.reduce(0) { $0 + Double($1) * 7.4 + 18 }
  }

  private static func longestWord(_ text: String) -> Int {
    text.split { $0 == " " || $0 == "-" }.map(\.count).max() ?? 0
  }

  /// A row of texts, each with a class of the style sheet.
  package static func row(_ heading: String, _ cells: [(text: String, style: String)]) -> Row {
    Row(heading, cells.map { Cell($0.text, $0.style) })
  }
}
