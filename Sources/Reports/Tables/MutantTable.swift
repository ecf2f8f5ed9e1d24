import Foundation
import PlumbMutants
import PlumbVerdicts

/// The kill matrix as people read it, at most 80 columns wide.
package struct MutantTable {
  private let reports: [MutantReport]

  /// Makes the table of `reports`.
  package init(_ reports: [MutantReport]) { self.reports = reports }

  /// All lines, each ended by a newline.
  package var text: String {
    let totals = MutantTotals.columns(reports)
    let cases = reports.map(\.cases).max() ?? 0
    var lines = ["cases until each mutant was found, of \(cases); - means never", Self.line("", totals.map(\.name))]
    for report in reports {
      lines.append(report.layer)
      for row in report.mutants where row.proof == nil {
        let rejected = FieldCriterion.allCases.map { row.rejectedAfter[$0.rawValue] }
        lines.append(Self.line("  " + row.name, ([row.killedAfter] + rejected).map { $0.map(String.init) ?? "-" }))
      }
    }
    lines.append("all \(totals.first?.mutants ?? 0) mutants")
    lines.append(Self.line("  found", totals.map { "\($0.kills.count)" }))
    lines.append(Self.line("  never found", totals.map { "\($0.mutants - $0.kills.count)" }))
    lines.append(Self.line("  median cases until found", totals.map { $0.median.map(String.init) ?? "-" }))
    lines.append(
      Self.line("  most cases until found", totals.map { $0.kills.count == $0.mutants ? "\($0.kills.last ?? 0)" : "-" })
    )
    lines.append("the correct engine, \(totals.first?.cases ?? 0) cases")
    lines.append(Self.line("  false alarms", totals.map { "\($0.falseAlarms)" }))
    lines.append(Self.line("  in percent", totals.map { Self.percent($0.falseAlarms, of: $0.cases) }))
    return (lines + equivalents).map { $0 + "\n" }.joined()
  }

  private var equivalents: [String] {
    let rows = reports.flatMap { report in report.mutants.filter { $0.proof != nil }.map { (report.layer, $0) } }
    guard !rows.isEmpty else { return [] }
    return ["no test of the layer can tell these from the correct engine"]
      + rows.flatMap { layer, row in
        let verdict = row.killedAfter.map { "; but it was outside after \($0) cases" } ?? ""
        return ["  \(layer) \(row.name)\(verdict)"] + WrappedText.lines("\(row.bug) \(row.proof ?? "")", indent: 4)
      }
  }

  private static func percent(_ part: Int, of whole: Int) -> String {
    String(format: "%.2f", whole == 0 ? 0 : 100 * Double(part) / Double(whole))
  }

  private static let widths = [10, 9, 13, 6, 6, 8]

  private static func line(_ name: String, _ values: [String]) -> String {
    name.padding(toLength: 28, withPad: " ", startingAt: 0)
      + zip(values, widths).map { String(repeating: " ", count: max(1, $1 - $0.count)) + $0 }.joined()
  }
}
