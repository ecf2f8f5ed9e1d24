/// One self-contained page: no network, no script, light and dark.
///
/// Its text depends on what it is given alone: the same sections give the same bytes.
package struct ReportPage: Sendable {
  /// A part of the page under a heading of its own.
  package struct Section: Sendable {
    let heading: String
    let body: [Markup]

    /// Makes a section.
    package init(_ heading: String, _ body: [Markup]) {
      self.heading = heading
      self.body = body
    }
  }

  private let kicker: String
  private let title: String
  private let summary: [Markup]
  private let sections: [Section]

  /// Makes a page: a line above its `title`, a `summary` below it, and `sections`.
  package init(kicker: String, title: String, summary: [Markup], sections: [Section]) {
    self.kicker = kicker
    self.title = title
    self.summary = summary
    self.sections = sections
  }

  /// The bytes of the file, as text.
  package var text: String {
    let head: [Markup] = [
      .tag("meta", ["charset": "utf-8"]),
      .tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      // The page says itself that it fetches and runs nothing.
      .tag(
        "meta",
        ["http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"]),
      .tag("title", "\(kicker): \(title)"),
    ]
    let body =
      [.tag("p", ["class": "kicker"], .text(kicker)), .tag("h1", [:], .tag("bdi", title))] + summary
      + sections.map { section in .tag("section", [:], [.tag("h2", section.heading)] + section.body) }
    // A style sheet is written as it is: HTML knows no references in it, and it holds nothing to escape.
    return "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"><head>"
      + head.map(\.text).joined() + "<style>\n\(StyleSheet.text)\n</style></head>\n<body>"
      + Markup.tag("main", [:], body).text + "</body></html>\n"
  }
}

extension Verdict {
  /// The class of the style sheet.
  var styleClass: String { self == .outsideDomain ? "domain" : rawValue }

  /// A sign that says it without colour.
  var sign: String {
    switch self {
    case .within: "✓"
    case .outside: "✗"
    case .outsideDomain: "–"
    }
  }

  /// The word with its sign, in its colour.
  var markup: Markup { .tag("b", ["class": styleClass], .text("\(sign) \(rawValue)")) }
}
