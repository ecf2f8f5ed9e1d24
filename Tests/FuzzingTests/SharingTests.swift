import Foundation
import Plumbline
import Testing

/// Jobs and shards change nothing that a report says.
@Suite struct SharingTests {
  /// A linear layer that is wrong in every case with an output: more failures than are kept.
  private static let run = FuzzRun(layer: .residualAdd, strategies: [.random, .edge], searches: true, seed: 4) {
    input, _ in
    try Catalogue.judge(input, output: Catalogue.engine(input).map { $0 * 1.5 })
  }
  private static let count = 1600

  private func json(_ report: FuzzReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }

  @Test func jobsAndShardsGiveTheSameReport() throws {
    let alone = try Self.run.report(Self.count)
    #expect(alone.cases == Self.count)
    #expect(alone.failed > alone.failures.count)
    let together = try Self.run.report(Self.count, jobs: 3)
    #expect(try json(alone) == json(together))
    let parts = try (0..<3).map { try Self.run.report(Self.count, shard: .init(index: $0, count: 3)) }
    let joined = try #require(try FuzzReport.joined(parts.reversed()).first)
    #expect(joined.cases == Self.count)
    #expect(joined.failed == alone.failed)
    #expect(joined.failures.map(\.number) == alone.failures.map(\.number))
    #expect(joined.failures.map(\.replay) == alone.failures.map(\.replay))
    #expect(joined.greatest?.replay == alone.greatest?.replay)
    #expect(joined.worstUlps == alone.worstUlps)
  }

  @Test func reportsOfDifferentRunsAreNotJoined() throws {
    func report(_ seed: UInt64, _ index: Int, _ count: Int) throws -> FuzzReport {
      try FuzzRun(layer: .silu, strategies: [.edge], seed: seed)
        .report(2, shard: .init(index: index, count: count))
    }
    let first = try report(1, 0, 2)
    #expect(throws: JoinError.self) { try FuzzReport.joined([first, first]) }
    #expect(throws: JoinError.self) { try FuzzReport.joined([first, try report(2, 1, 2)]) }
    #expect(throws: JoinError.self) { try FuzzReport.joined([first, try report(1, 1, 3)]) }
    #expect(try FuzzReport.joined([first, try report(1, 1, 2)]).first?.shards.count == 2)
  }

  @Test func anInterruptedRunReportsWhatItHas() throws {
    let report = try Self.run.report(Self.count, isInterrupted: { true })
    #expect(!report.isComplete && report.cases == 0)
  }
}
