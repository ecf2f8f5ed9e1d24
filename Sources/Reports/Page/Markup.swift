/// A piece of a page: well-formed by construction.
///
/// It is written as XHTML that a browser also reads as HTML. Text and attributes are escaped when they are written, so
/// that what comes from outside, such as a token or a name, can never become markup.
package indirect enum Markup: Sendable, ExpressibleByStringInterpolation {
  /// Text, as it is.
  case text(String)
  /// An element, its attributes and what is in it; attributes of no value are left out.
  case element(String, KeyValuePairs<String, String>, [Markup])
  /// Several pieces one after the other.
  case sequence([Markup])

  /// Text, as it is.
  package init(stringLiteral value: String) { self = .text(value) }

  /// The element called `name`.
  package static func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup] = []
  ) -> Markup {
    .element(name, attributes, children)
  }

  /// The element called `name`, with one piece in it.
  package static func tag(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ child: Markup
  ) -> Markup {
    .element(name, attributes, [child])
  }

  /// The element called `name`, with text in it and no attributes.
  package static func tag(_ name: String, _ text: String) -> Markup { .element(name, [:], [.text(text)]) }

  /// The page's text from here on.
  package var text: String {
    var result = ""
    write(into: &result)
    return result
  }

  /// The elements that HTML closes by itself, and those of SVG that hold nothing here.
  private static let emptyElements: Set<String> = [
    "br", "circle", "col", "line", "link", "meta", "path", "rect", "use",
  ]

  private func write(into result: inout String) {
    switch self {
    case .text(let text): result += Self.escaped(text)
    case .sequence(let pieces): for piece in pieces { piece.write(into: &result) }
    case .element(let name, let attributes, let children):
      result += "<\(name)"
      for (name, value) in attributes where !value.isEmpty { result += " \(name)=\"\(Self.escaped(value))\"" }
      if children.isEmpty && Self.emptyElements.contains(name) {
        result += "/>"
        return
      }
      result += ">"
      for child in children { child.write(into: &result) }
      result += "</\(name)>"
    }
  }

  /// `text` with the characters of markup as references, and U+FFFD for what neither XML nor HTML lets in.
  private static func escaped(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.properties.generalCategory == .control || scalar.properties.isNoncharacterCodePoint:
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
