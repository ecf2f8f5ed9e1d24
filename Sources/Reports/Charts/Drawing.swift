import Foundation

/// A drawing in SVG, with its text alternative.
package struct Drawing {
  /// The name of the drawing, unique on its page.
  let name: String
  /// The text alternative, for those who cannot see the drawing.
  let title: String
  let description: String
  /// The extents, in the units in which 12 is the height of text.
  package let width: Double
  let height: Double
  /// The least width on the page, below which the drawing scrolls rather than shrinks.
  let leastWidth: Double?
  let content: [Markup]

  /// Makes a drawing.
  package init(
    name: String, title: String, description: String, width: Double, height: Double, leastWidth: Double? = nil,
    content: [Markup]
  ) {
    (self.name, self.title, self.description) = (name, title, description)
    (self.width, self.height, self.leastWidth, self.content) = (width, height, leastWidth, content)
  }

  /// The drawing on the page.
  package var markup: Markup {
    let least = leastWidth ?? min(width, 340)
    let drawing: Markup = .tag(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": title],
      .tag(
        "svg",
        [
          "xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-labelledby": "\(name)-title \(name)-text",
          "viewBox": "0 0 \(Self.number(width)) \(Self.number(height))",
          "style": "min-width:\(Self.number(least))px;max-width:\(Self.number(width * 1.15))px",
        ],
        [
          .tag("title", ["id": "\(name)-title"], .text(title)),
          .tag("desc", ["id": "\(name)-text"], .text(description)),
        ] + content))
    return .sequence([ReportPage.scrollSign(least), drawing])
  }

  /// A rectangle.
  package static func rectangle(
    _ x: Double, _ y: Double, _ width: Double, _ height: Double, class style: String, title: String? = nil
  ) -> Markup {
    .tag(
      "rect",
      [
        "x": number(x), "y": number(y), "width": number(width), "height": number(height), "class": style,
      ], title.map { [.tag("title", $0)] } ?? [])
  }

  /// A straight line.
  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, class style: String) -> Markup {
    .tag(
      "line", ["x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2), "class": style])
  }

  /// Text that starts, is centred or ends at a point.
  package static func text(
    _ x: Double, _ y: Double, _ text: String, anchor: String = "start", class style: String = "", size: Double? = nil,
    turned: Double? = nil
  ) -> Markup {
    let turn = turned.map { "rotate(\(number($0)) \(number(x)) \(number(y)))" } ?? ""
    return .tag(
      "text",
      [
        "x": number(x), "y": number(y), "text-anchor": anchor, "class": style, "transform": turn,
        "style": size.map { "font-size:\(number($0))px" } ?? "",
      ], .text(text))
  }

  /// A coordinate, to a tenth.
  static func number(_ value: Double) -> String {
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
