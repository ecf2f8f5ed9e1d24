import Foundation
import PlumbCases
import PlumbLayers
import PlumbModel
import PlumbVerdicts
import Testing

/// Every row of the page of odd values, computed.
@Suite struct OddValueTests {
  /// A row of the page.
  struct Row: Sendable, CustomTestStringConvertible {
    let section: String
    let line: String
    let cells: [String]

    var testDescription: String { line }
  }

  private static let page: String = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
    let file = root.appending(path: "Sources/Plumbline/Plumbline.docc/OddValues.md")
    return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }()

  /// The sections by name, each with its lines.
  private static let sections: [(name: String, lines: [String])] = page.components(separatedBy: "\n### ").dropFirst()
    .map { text in
      let lines = text.components(separatedBy: "\n")
      return (lines[0], Array(lines.dropFirst()))
    }

  private static let rows: [Row] = sections.flatMap { section in
    section.lines.filter { $0.hasPrefix("| `") }.map { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return Row(
        section: section.name, line: cells[0].trimmingCharacters(in: ["`"]), cells: Array(cells.dropFirst()))
    }
  }

  private static func text(_ value: Float) -> String { value.isNaN ? "NaN" : "\(value)" }

  private static func list(_ elements: [String]) -> String {
    elements.isEmpty ? "nothing" : elements.joined(separator: ", ")
  }

  /// The words that the columns after the case must hold.
  private static func computed(_ line: String) throws -> [String] {
    let input: CheckedCase
    do {
      input = try CheckedCase(try CaseLine.parse(line))
    } catch is CaseError {
      return ["refused", "refused", "refused"]
    }
    let engine = Catalogue.engine(input)
    return [list(engine.elements.map(text)), exact(input), Catalogue.judge(input).verdict.rawValue]
  }

  /// The exact values, each rounded to the Float32 that its whole enclosure rounds to.
  private static func exact(_ input: CheckedCase) -> String {
    for precision in [96, 512, 4096] {
      guard let expectation = try? Catalogue.expectation(of: input, precision: precision) else { continue }
      let rounded = expectation.exact.elements.indices.map { index -> String? in
        guard expectation.bounds[index] != nil, expectation.holdsValue?(index) ?? true else { return "–" }
        return expectation.exact.elements[index].rounded(to: Float.self, .toNearestOrEven).map(text)
      }
      if !rounded.contains(nil) { return list(rounded.compactMap { $0 }) }
    }
    return "none"
  }

  @Test(arguments: rows) func theRowSaysWhatIsComputed(row: Row) throws {
    let computed = try Self.computed(row.line)
    #expect(row.cells == computed, "| `\(row.line)` | \(computed.joined(separator: " | ")) |")
  }

  /// `plumb layer --list` speaks of rows that are wholly masked in those layers that the page has.
  @Test func theListSaysWhatIsExpectedOfMaskedRows() throws {
    let rows = Self.rows.filter { $0.section == "A row that is wholly masked" }
    let layers = Set(rows.map { $0.line.prefix { $0 != " " } })
    for layer in LayerKind.allCases {
      let description = LayerDescription(layer)
      #expect((description.maskedRow != nil) == layers.contains(layer.rawValue[...]), "\(layer)")
      #expect(description.text.contains("\n  masked     ") == (description.maskedRow != nil))
    }
    for row in rows where row.line.hasPrefix("attention ") || row.line.hasPrefix("attention-values ") {
      let input = try CheckedCase(try CaseLine.parse(row.line))
      let output = Catalogue.engine(input)
      #expect(LayerDescription(input.source.layer).maskedRow?.contains("gives 0") == true)
      #expect(output.elements.allSatisfy { $0 == 0 })
      #expect(Catalogue.judge(input, output: output.map { _ in .nan }).verdict == .outside)
    }
  }

  @Test func everySectionHasEveryLayer() {
    #expect(Self.sections.count == 9)
    for section in Self.sections {
      let there = Set(Self.rows.filter { $0.section == section.name }.map { $0.line.prefix { $0 != " " } })
      let excused = section.lines.filter { $0.hasPrefix("Not for: ") }
        .flatMap { $0.split(separator: "`").filter { LayerKind(rawValue: String($0)) != nil } }
      #expect(there.isDisjoint(with: excused), "\(section.name)")
      #expect(there.union(excused) == Set(LayerKind.allCases.map { $0.rawValue[...] }), "\(section.name)")
    }
  }
}
