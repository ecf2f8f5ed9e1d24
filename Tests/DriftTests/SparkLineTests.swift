import Foundation
import Testing

@testable import PlumbDrift
@testable import PlumbMutants
@testable import PlumbReports
@testable import PlumbVerdicts

@Suite struct SparkLineTests {
  @Test func barsRiseWithTheLogarithm() {
    let spark = SparkLine((0..<8).map { Double(sign: .plus, exponent: $0, significand: 1) }, columns: 60)
    #expect(String(spark.bars.map(\.character)) == "▁▂▃▄▅▆▇█")
    #expect(spark.scale == 1...128)
  }

  @Test(arguments: [
    ([], ""), ([0, 0], "··"), ([3, 3], "▄▄"), ([0, 1, .infinity, 2], "·▁!█"),
    ([0x1p-1074, .greatestFiniteMagnitude], "▁█"), ([1, 1.nextUp], "▁█"),
  ]) func edges(values: [Double], text: String) {
    #expect(String(SparkLine(values, columns: 60).bars.map(\.character)) == text)
  }

  @Test(arguments: [1, 59, 60, 61, 126, 1000]) func noMoreColumnsThanAllowedAndEveryNumberInOne(count: Int) {
    let bars = SparkLine((0..<count).map { Double($0 + 1) }, columns: 60).bars
    #expect(bars.count == min(count, 60))
    #expect(bars.flatMap { Array($0.range) } == Array(0..<count))
  }

  @Test func colourOnlyRepeatsWhatTheWordsSay() throws {
    let report = try DriftMeasurement(model: .seeded, tokens: [80, 108], blocks: 0...1).report()
    let plain = DriftTable(report).text
    let coloured = DriftTable(report, isColoured: true).text
    #expect(!plain.contains("\u{1B}"))
    #expect(coloured.contains("\u{1B}[32m"))
    #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
    #expect(plain.contains("accumulated drift of blocks 0 to 1"))
  }

  @Test func aBlockThatIsOutsideIsMarkedWithoutColour() throws {
    func activation(_ block: Int, _ verdict: Verdict, _ relative: Double) -> ActivationDrift {
      ActivationDrift(
        name: "blocks.\(block).feed-forward-residual", block: block, layer: "residual-add", shape: [1],
        local: LocalDrift(
          worstUlps: 0, medianUlps: 0, worstAbsolute: 0, relative: 0, bound: 0, margin: 0, verdict: verdict,
          outsideDomain: 0, worst: nil),
        accumulated: AccumulatedDrift(worstUlps: 0, worstAbsolute: 0, relative: relative, radius: 0))
    }
    let activations = [activation(0, .within, 1), activation(1, .outside, 2), activation(2, .outsideDomain, 128)]
    let lines = BlockSpark(activations, TerminalColours(isOn: false)).lines
    #expect(
      lines.dropFirst() == [
        "      1.0 ▁▂█ 1.3e2",
        "  OUTSIDE  x ",
        "   domain   x",
      ])
    // The longest there can be still fits.
    let many = (0..<1000).map { activation($0, .outside, Double(sign: .plus, exponent: -$0, significand: 1)) }
    for line in BlockSpark(many, TerminalColours(isOn: false)).lines { #expect(line.count <= 80, "\(line)") }
  }
}
