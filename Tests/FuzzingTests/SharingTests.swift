import Foundation
import PlumbCases
import PlumbFuzzing
import PlumbModel
import PlumbReports
import PlumbVerdicts
import Testing

/// Jobs and shards change nothing that a report says.
@Suite struct SharingTests {
  /// A linear layer that is wrong in every case with an output: more failures than are kept.
  private static let run = FuzzRun(layer: .residualAdd, strategies: [.random, .edge], searches: true, seed: 4) {
    input, _ in
    Catalogue.judge(input, output: Catalogue.engine(input).map { $0 * 1.5 })
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
    Self.expectRefusal([first, first], saying: "0/2", "twice")
    Self.expectRefusal([first, try report(2, 1, 2)], saying: "--seed: 2, and 1")
    Self.expectRefusal([first, try report(1, 1, 3)], saying: "2 and 3 shards")
    #expect(try FuzzReport.joined([first, try report(1, 1, 2)]).first?.shards.count == 2)
  }

  /// Expects that `reports` are not joined, for a reason that holds `words`.
  private static func expectRefusal(_ reports: [FuzzReport], saying words: String...) {
    let error = #expect(throws: JoinError.self) { try FuzzReport.joined(reports) }
    for word in words { #expect(error?.problem.contains(word) == true, "\(word): \(error?.problem ?? "joined")") }
  }

  /// Whatever decides which cases a run has: two shards that differ in it are of two runs.
  @Test func whatDecidesTheCasesMustBeTheSame() throws {
    func shard(
      _ index: Int, _ count: Int = 2, cases: Int = 8, strategies: [Strategy] = [.edge], searches: Bool = false,
      objective: Objective = .margin, shape: [String: Int] = [:]
    ) throws -> FuzzReport {
      try FuzzRun(
        layer: .relu, strategies: strategies, searches: searches, objective: objective, seed: 1, shape: shape
      ).report(cases, shard: .init(index: index, count: count))
    }
    let first = try shard(0)
    Self.expectRefusal([first, try shard(1, cases: 9)], saying: "--cases: 9, and 8")
    Self.expectRefusal([first, try shard(1, strategies: [.exact])], saying: "--strategy: exact, and edge")
    Self.expectRefusal([first, try shard(1, searches: true)], saying: "--strategy: edge, search, and edge")
    Self.expectRefusal(
      [try shard(0, searches: true), try shard(1, searches: true, objective: .ulps)], saying: "--objective: ulps")
    Self.expectRefusal([first, try shard(1, shape: ["rows": 2])], saying: "--shape: rows=2, and none")
    var other = try shard(1)
    other.engine = "./kernel"
    Self.expectRefusal([first, other], saying: "--engine: ./kernel, and plumb's own")
    (other.engine, other.arithmetic) = (nil, "f32")
    Self.expectRefusal([first, other], saying: "--arithmetic: f32, and engine")
    other = try shard(1)
    other.run.pass = "abc, tokens 1,2"
    Self.expectRefusal([first, other], saying: "--model or --prompt: abc, tokens 1,2")
  }

  @Test func aRunIsJoinedWholeOrNotAtAll() throws {
    func shard(_ layer: LayerKind, _ index: Int, isInterrupted: Bool = false) throws -> FuzzReport {
      var report = try FuzzRun(layer: layer, strategies: [.edge], seed: 1)
        .report(8, shard: .init(index: index, count: 3), isInterrupted: { isInterrupted })
      report.run.layers = ["relu", "silu"]
      return report
    }
    let parts = try [LayerKind.relu, .silu].flatMap { layer in try (0..<3).map { try shard(layer, $0) } }
    #expect(try FuzzReport.joined(parts).map(\.cases) == [8, 8])
    Self.expectRefusal(Array(parts[1...]), saying: "relu: shard 0/3 is missing")
    Self.expectRefusal([parts[0]] + parts[3...], saying: "relu: shard 1/3 and 1 more of 3 are missing")
    Self.expectRefusal(Array(parts[..<5]), saying: "silu: shard 2/3 is missing")
    Self.expectRefusal(Array(parts[..<3]), saying: "silu: the run had this layer too")
    Self.expectRefusal(
      parts[..<5] + [try shard(.silu, 2, isInterrupted: true)], saying: "silu: shard 2/3 was interrupted after 0 cases")
  }

  /// The first of many failures are kept, and the first of each kind, however late it comes: also of parts.
  @Test func theFirstOfEachKindIsKept() throws {
    let run = FuzzRun(layer: .residualAdd, strategies: [.exact], seed: 1) { input, number in
      let late: Float = number == 500 ? .nan : number ?? 0 > 590 ? .infinity : 1
      return Catalogue.judge(input, output: Catalogue.engine(input).map { late.isFinite ? $0 + 1 : late })
    }
    func kinds(_ report: FuzzReport) -> [FailureKind?] { report.failures.map(\.kind) }
    let alone = try run.report(600)
    #expect(kinds(alone) == Array(repeating: .wrongNumber, count: 20) + [.notANumber, .infinite])
    let parts = try (0..<2).map { try run.report(600, shard: .init(index: $0, count: 2)) }
    let joined = try #require(try FuzzReport.joined(parts).first)
    #expect(joined.failures.map(\.number) == alone.failures.map(\.number) && kinds(joined) == kinds(alone))
    // What is printed has one of each kind, too.
    let table = FuzzTable([alone]).text
    #expect(table.contains("\ncase 500: element [") && table.contains(" is NaN: ") && table.contains(" is infinite: "))
    #expect(table.contains("more cases of residual-add outside, which are counted; --json has 22 of all"))
  }

  @Test func anInterruptedRunReportsWhatItHas() throws {
    let report = try Self.run.report(Self.count, isInterrupted: { true })
    #expect(!report.isComplete && report.cases == 0)
  }
}
