import Foundation
import PlumbCases
import PlumbModel
import Testing

@testable import PlumbFuzzing
@testable import PlumbReports
@testable import PlumbVerdicts

/// The page of fuzzing, beside those of drift and grades whose reader it needs.
@Suite struct FuzzPageTests {
  /// Cases decided by the exact path alone, each with the drift it was found to have.
  private static func run(_ layer: LayerKind, _ judge: FuzzRun.Judge? = nil) throws -> FuzzReport {
    try FuzzRun(layer: layer, strategies: Strategy.allCases, seed: 7, judge: judge).report(120)
  }

  /// A thousandth too much is beyond the bound wherever it is more than what rounding may do.
  private static let wrong: FuzzRun.Judge = { input, _ in
    Catalogue.judge(input, output: Catalogue.engine(input).map { $0 * 1.001 })
  }

  private static func page(_ reports: [FuzzReport], command: [String] = ["plumb", "fuzz", "all"]) throws -> PageReader {
    try PageReader(selfContained: FuzzPage(reports, command: command, version: "1.2.3").text)
  }

  @Test func everyLayerHasItsRowAndItsDistribution() throws {
    let reports = try [LayerKind.softmax, .linear, .silu].map { try Self.run($0) }
    let page = try Self.page(reports)
    let rows = try page.rows(of: "Layers").dropFirst()
    for (row, report) in zip(rows, reports) {
      #expect(
        row == [
          report.layer, "✓ within", "\(report.cases)", "0", "\(report.outsideDomain)",
          ReportText.short(report.greatest?.margin ?? -1), ReportText.short(report.worstUlps),
          "\(report.filteredElements)", "\(report.exactElements)",
        ])
    }
    #expect(rows.count == 3)
    let cells = page.elements.filter { $0.name == "title" && $0.path.contains("rect") }.map(\.text)
    #expect(cells.count == reports.reduce(0) { $0 + $1.margins.count })
    let headings = page.elements.filter { $0.name == "h2" }.map(\.text)
    #expect(
      headings == [
        "Layers", "How the cases are distributed by margin", "The worst case of each layer", "Where this comes from",
      ])
    let worst = try page.rows(of: "The worst case of each layer").dropFirst()
    for (row, report) in zip(worst, reports) {
      let greatest = try #require(report.greatest)
      #expect(row[0] == "\(report.layer), case \(try #require(greatest.number))")
      #expect(row[4] == greatest.worst?.engine)
      #expect(row[6].hasSuffix("plumb fuzz \(report.layer) --replay '\(greatest.replay)'"))
    }
    let facts = page.all("dd").map(\.text)
    #expect(facts.contains("7") && facts.contains("plumb fuzz all") && facts.contains("1.2.3"))
    #expect(page.elements.contains { $0.attributes["class"] == "verdict within" })
  }

  @Test func whatFailedComesFirst() throws {
    let reports = [try Self.run(.relu), try Self.run(.gate, Self.wrong)]
    let failing = reports[1]
    #expect(failing.failed > 20)
    let page = try Self.page(reports)
    #expect(page.elements.first { $0.name == "h2" }?.text == "What failed")
    let banner = try #require(page.elements.first { $0.attributes["class"] == "verdict outside" })
    #expect(banner.text.contains("\(failing.failed) of \(reports[0].cases + failing.cases) cases"))
    let rows = try page.rows(of: "Failures of gate").dropFirst()
    // Those that became the same case have one row.
    var seen = Set<String>()
    let shown = failing.failures.filter { seen.insert($0.replay).inserted }
    #expect(rows.count == shown.count)
    for (row, failure) in zip(rows, shown) {
      #expect(row[1] == ReportText.short(failure.margin) && row[4] == failure.worst?.engine)
      #expect(row[6].hasPrefix(try #require(failure.what)))
      #expect(row[6].contains("--replay '\(failure.replay)'"))
      let same = failing.failures.count { $0.replay == failure.replay }
      let number = try #require(failure.number)
      #expect(row[0] == "case \(number)" + (same > 1 ? " and \(same - 1) more of the same" : ""))
    }
    #expect(page.all("p").count { $0.text.hasPrefix("Outside is proved for the formula") } == 1)
    let rest = "And \(failing.failed - failing.failures.count) more, which are counted and not kept."
    #expect(page.all("p").contains { $0.text == rest })
    // What is outside is said in words and by a sign, not by colour alone.
    let marked = page.all("text").filter { $0.attributes["class"] == "badt" }
    #expect(!marked.isEmpty && marked.allSatisfy { $0.text.hasPrefix("✗ ") })
  }

  /// Without the filter, the histogram is that of the margins which the exact path finds, case by case.
  @Test func theHistogramCountsEveryCaseOnce() throws {
    let judge: FuzzRun.Judge = { input, _ in Catalogue.judge(input) }
    for layer in [LayerKind.rmsNorm, .attentionScores, .sampling] {
      let exact = try Self.run(layer, judge)
      let run = FuzzRun(layer: layer, strategies: Strategy.allCases, seed: 7)
      let drifts = try (0..<120).map { try Catalogue.judge(CheckedCase(run.makeCase($0))) }.filter { $0.worst != nil }
      #expect(exact.margins == HistogramBin.margins(drifts.map(\.margin)))
      #expect(exact.margins.reduce(0) { $0 + $1.count } == drifts.count)
      // The filter's margins are never too small, and no case that is within is counted as more than its bound.
      let filtered = try Self.run(layer)
      #expect(filtered.margins.reduce(0) { $0 + $1.count } == drifts.count)
      for edge in exact.margins.map(\.upTo) {
        func above(_ bins: [HistogramBin]) -> Int { bins.reduce(0) { $0 + ($1.upTo > edge ? $1.count : 0) } }
        #expect(above(filtered.margins) >= above(exact.margins))
      }
      #expect(filtered.margins.allSatisfy { $0.upTo <= 1 })
    }
  }

  @Test(arguments: ["</script><b onclick=\"x\">", "]]>", "\u{0}\u{1B}[31m", "\u{202E}txet\u{2066}"])
  func whateverTheEngineIsCalledItStaysText(hostile: String) throws {
    var report = try Self.run(.gate, Self.wrong)
    let plain = try Self.page([report])
    report.engine = hostile
    let text = FuzzPage([report], command: ["plumb", hostile], version: "1").text
    // A longer command folds more replays away; no other element comes of it.
    let names = Set(try PageReader(selfContained: text).elements.map(\.name))
    #expect(names.subtracting(plain.elements.map(\.name)).isSubset(of: ["details", "summary"]))
    #expect(!text.unicodeScalars.contains { $0.properties.isBidiControl })
  }
}
