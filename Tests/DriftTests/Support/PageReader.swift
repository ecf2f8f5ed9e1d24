import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A page as an XML parser reads it: a program of its own, which refuses what is not well-formed.
final class PageReader: NSObject, XMLParserDelegate {
  /// One element, with the text of all that is in it.
  struct Element {
    let name: String
    let attributes: [String: String]
    var text = ""
    /// The names of the elements it stands in, outermost first.
    let path: [String]
  }

  /// The elements in the order in which they end.
  private(set) var elements: [Element] = []
  private var open: [Element] = []
  private var failure: String?

  /// Reads `page`.
  init(_ page: String) throws {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    let isWellFormed = parser.parse()
    let error = parser.parserError.map { "\($0)" } ?? "?"
    try #require(isWellFormed, "line \(parser.lineNumber), column \(parser.columnNumber): \(error)")
    try #require(open.isEmpty)
  }

  /// Reads `page`, and expects of it what every page must be: one file that fetches and runs nothing, and that says in
  /// words what it draws.
  convenience init(selfContained page: String) throws {
    try self.init(page)
    #expect(page.hasPrefix("<!DOCTYPE html>\n"))
    #expect(all("script").isEmpty && all("link").isEmpty && all("img").isEmpty && all("iframe").isEmpty)
    for element in elements {
      for (name, value) in element.attributes {
        #expect(!name.hasPrefix("on") && name != "src" && (name != "href" || element.name == "a"), "\(name)=\(value)")
        #expect(!value.contains("//") || name == "xmlns", "\(name)=\(value)")
      }
    }
    // A style sheet reads the same as XML and as HTML only without these.
    let style = try #require(all("style").first)
    #expect(!style.text.contains("<") && !style.text.contains("&"))
    #expect(!style.text.contains("url(") && !style.text.contains("@import"))
    let names = elements.compactMap { $0.attributes["id"] }
    #expect(Set(names).count == names.count)
    // Links lead to the sections of this page, and are called what these are.
    let headings = all("h2").map(\.text)
    #expect(all("a").allSatisfy { names.contains(String($0.attributes["href"]?.dropFirst() ?? "")) })
    #expect(all("a").map(\.text) == (headings.count > 2 ? headings : []))
    for drawing in all("svg") {
      #expect(drawing.attributes["role"] == "img")
      let labels = try #require(drawing.attributes["aria-labelledby"]).split(separator: " ")
      #expect(labels.count == 2)
      for label in labels {
        let element = try #require(elements.first { $0.attributes["id"] == String(label) })
        #expect(!element.text.isEmpty)
      }
    }
  }

  /// The elements called `name`.
  func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

  /// The rows of the table whose region is called `label`, each as the texts of its cells.
  func rows(of label: String) throws -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    for element in elements {
      guard element.path.contains("table") || element.name == "div" else { continue }
      switch element.name {
      case "th", "td": row.append(element.text)
      case "tr":
        rows.append(row)
        row = []
      // The region ends after its rows; those of other regions are forgotten.
      case "div":
        if element.attributes["aria-label"] == label { return rows }
        if element.attributes["role"] == "region" { rows = [] }
      default: break
      }
    }
    Issue.record("there is no table '\(label)'")
    return []
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    open.append(Element(name: name, attributes: attributes, path: open.map(\.name)))
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    for index in open.indices { open[index].text += string }
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    elements.append(open.removeLast())
  }
}
