import Foundation
import PlumbDrift

/// The reports of a run as people read them, at most 80 columns wide but for the replay lines.
public struct FuzzTable {
  private let reports: [FuzzReport]

  /// Makes the table of `reports`.
  public init(_ reports: [FuzzReport]) { self.reports = reports }

  /// All lines, each ended by a newline.
  public var text: String {
    var lines = ["layer                 cases  outside  domain  greatest margin     max ulps"]
    for report in reports {
      let name = report.layer.padding(toLength: 18, withPad: " ", startingAt: 0)
      lines.append(
        name + Self.right("\(report.cases)", 9) + Self.right("\(report.failed)", 9)
          + Self.right("\(report.outsideDomain)", 8)
          + Self.right(DriftTable.short(report.greatest?.margin ?? 0), 17)
          + Self.right(DriftTable.short(report.worstUlps), 13))
    }
    for report in reports {
      for failure in report.failures {
        lines.append(
          "\(Self.place(of: failure)), margin \(failure.margin): "
            + "plumb fuzz \(report.layer) --replay '\(failure.replay)'")
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func place(of finding: FuzzReport.Finding) -> String {
    finding.corpusLine.map { "line \($0) of the corpus" } ?? "case \(finding.number ?? 0)"
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
