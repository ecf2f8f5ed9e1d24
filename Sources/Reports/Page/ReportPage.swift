import PlumbVerdicts

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

  /// A remark of less weight.
  package static func note(_ text: String) -> Markup { .tag("p", ["class": "note"], .text(text)) }

  /// The sign that what follows scrolls sideways, which shows where there is less room than `leastWidth`.
  ///
  /// A browser that does not know the unit of the container's width shows it always.
  static func scrollSign(_ leastWidth: Double) -> Markup {
    .tag(
      "p",
      [
        "class": "scrolls", "aria-hidden": "true",
        "style": "max-height:calc((\(Drawing.number(leastWidth))px - 100cqw)*99)",
      ], "⟷ scrolls sideways")
  }

  /// The few numbers of the summary, each with a line of its own.
  package static func facts(_ entries: [(term: String, value: String, remark: String)]) -> Markup {
    .tag(
      "dl", ["class": "facts"],
      entries.map { term, value, remark in
        .tag("div", [:], [.tag("dt", term), .tag("dd", [:], [.text(value), .tag("small", remark)])])
      })
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
      [.tag("p", ["class": "kicker"], .text(kicker)), .tag("h1", [:], .tag("bdi", title))] + summary + contents
      + sections.enumerated().map { index, section in
        .tag("section", ["id": Self.anchor(index)], [.tag("h2", section.heading)] + section.body)
      }
    // A style sheet is written as it is: HTML knows no references in it, and it holds nothing to escape.
    return "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"><head>"
      + head.map(\.text).joined() + "<style>\n\(StyleSheet.text)\n</style></head>\n<body>"
      + Markup.tag("main", [:], body).text + "</body></html>\n"
  }

  /// The links to the sections; none where a reader sees them all at once.
  private var contents: [Markup] {
    guard sections.count > 2 else { return [] }
    let links = sections.enumerated().map { index, section -> Markup in
      .tag("li", [:], .tag("a", ["href": "#" + Self.anchor(index)], .text(section.heading)))
    }
    return [.tag("nav", ["aria-label": "Contents"], .tag("ul", [:], links))]
  }

  private static func anchor(_ index: Int) -> String { "section-\(index + 1)" }

  /// A line for a shell, which one click selects whole.
  static func command(_ line: String) -> Markup { .tag("code", ["class": "whole"], .text(line)) }
}

extension Verdict {
  /// The class of the style sheet.
  var styleClass: String { self == .within ? rawValue : isRefuted ? Verdict.outside.rawValue : "domain" }

  /// A sign that says it without colour.
  package var sign: String {
    switch self {
    case .within: "✓"
    case .outside, .anotherExpert: "✗"
    case .undecided, .outsideDomain: "?"
    }
  }

  /// The box at the head of a page: the verdict, and what it rests on.
  package func banner(_ sentence: String) -> Markup {
    .tag("div", ["class": "verdict \(styleClass)"], [markup, " ", .tag("span", sentence)])
  }

  /// The word with its sign, in its colour.
  var markup: Markup { .tag("b", ["class": styleClass], .text("\(sign) \(rawValue)")) }
}
