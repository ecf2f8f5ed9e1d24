import Foundation
import PlumbModel
import PlumbVerdicts
import Testing

@Suite struct LayerDocumentationTests {
  @Test func theTableOfLayersIsTheCatalogue() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = root.appending(path: "Sources/Plumbline/Plumbline.docc/Layers.md")
    let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| `") }
    let rows = LayerKind.allCases.map { "| `\($0.rawValue)` | \(Catalogue.signature(of: $0).formula) |" }
    #expect(lines.map(String.init) == rows)
  }
}
