import Foundation
import PlumbCases
import PlumbFuzzing
import PlumbModel
import PlumbVerdicts
import Synchronization
import Testing

@Suite struct ShrinkerTests {
  /// Root-mean-square normalisation that forgets the last column: gross wherever that column is not small.
  private static func forgetsTheLastColumn(_ input: CheckedCase) throws -> LocalDrift {
    var output = Catalogue.engine(input)
    for row in 0..<output.rows { output.elements[(row + 1) * output.columns - 1] = 0 }
    return Catalogue.judge(input, output: output)
  }

  /// A linear layer whose outputs are off by one part in 1024.
  private static func isSlightlyLarge(_ input: CheckedCase) throws -> LocalDrift {
    Catalogue.judge(input, output: Catalogue.engine(input).map { $0 * (1 + 0x1p-10) })
  }

  /// The first case of `layer` that `judge` finds outside.
  private static func failure(
    of layer: LayerKind, _ judge: (CheckedCase) throws -> LocalDrift
  ) throws -> (LayerCase, LocalDrift) {
    for number in 0..<1000 {
      let input = CaseGenerator(layer: layer, strategy: .random, seed: 9).makeCase(number)
      guard input.tensors.values.contains(where: { $0.shape.reduce(1, *) > 20 }) else { continue }
      let drift = try judge(try CheckedCase(input))
      if drift.verdict == .outside { return (input, drift) }
    }
    return try #require(nil, "there is a failure among a thousand cases of \(layer)")
  }

  private static let bugs: [(LayerKind, @Sendable (CheckedCase) throws -> LocalDrift)] = [
    (.rmsNorm, { try forgetsTheLastColumn($0) }), (.linear, { try isSlightlyLarge($0) }),
    (.attentionScores, { try isSlightlyLarge($0) }), (.attentionValues, { try isSlightlyLarge($0) }),
  ]

  @Test(arguments: 0..<bugs.count) func aFailureKeepsItsMarginAndLosesTheRest(index: Int) throws {
    let (layer, judge) = Self.bugs[index]
    let (input, drift) = try Self.failure(of: layer, judge)
    let shrunk = Shrinker.failure(input, drift, judge: judge)
    let after = try judge(try CheckedCase(shrunk))
    #expect(after.verdict == .outside)
    #expect(after.margin >= drift.margin / 2, "\(drift.margin) became \(after.margin)")
    let text = CaseLine(shrunk).text
    #expect(text.count <= 120 && text.count < CaseLine(input).text.count, "\(text)")
    for tensor in shrunk.tensors.values { #expect(tensor.shape.reduce(1, *) <= 4, "\(text)") }
  }

  /// Shrinking never turns one bug into another: an infinite margin, a wrong result where nothing is rounded, stays one.
  @Test func anInfiniteMarginStaysInfinite() throws {
    let judge: Shrinker.Judge = { input in
      Catalogue.judge(input, output: Catalogue.engine(input).map(\.nextUp))
    }
    let input = CaseGenerator(layer: .embedding, strategy: .random, seed: 1).makeCase(3)
    let drift = try judge(try CheckedCase(input))
    #expect(drift.margin == .infinity)
    let shrunk = Shrinker.failure(input, drift, judge: judge)
    #expect(try judge(try CheckedCase(shrunk)).margin == .infinity)
    #expect(CaseLine(shrunk).text == "embedding tokens=#[1]:0 weight=[1x1]:0x0p+0")
  }

  /// A wrong number whose kernel divides 0 by 0: the simplest number of all would show another bug.
  @Test(arguments: [
    (FailureKind.wrongNumber, "silu x=[1x2]:0x1.8p+0,0x1.4p+1"), (.notANumber, "silu x=[1x2]:0x1.8p+0,0x0p+0"),
  ]) func aFailureKeepsItsKind(kind: FailureKind, line: String) throws {
    let judge: Shrinker.Judge = { input in
      Catalogue.judge(input, output: Catalogue.engine(input).map { $0 == 0 ? .nan : $0 * 1.01 })
    }
    let start = try CaseLine.parse(line)
    let found = try judge(try CheckedCase(start))
    #expect(found.failure == kind)
    let shrunk = Shrinker.failure(start, found, judge: judge)
    #expect(try judge(try CheckedCase(shrunk)).failure == kind)
    #expect(CaseLine(shrunk).text == (kind == .notANumber ? "silu x=[1x1]:0x0p+0" : "silu x=[1x1]:0x1p+0"))
  }

  /// The numbers of the sentence are known without the code: silu(1) = 1 / (1 + 1/e) = 0.73105857863000…, and 0 · 0 = 0.
  @Test func aFailureIsASentence() throws {
    func text(_ line: String, _ output: [Float]) throws -> String? {
      let input = try CheckedCase(try CaseLine.parse(line))
      return Catalogue.judge(input, output: Activation(shape: [1, output.count], elements: output)).failureText
    }
    let silu = "silu x=[1x2]:0x0p+0,0x1p+0"
    let wrong = try #require(try text(silu, [0, 0.75]))
    #expect(wrong.hasPrefix("element [0, 1] is wrong: yours 0.75, exact 0.731058578630, bound "), "\(wrong)")
    #expect(wrong.contains(", margin "))
    let nan = try #require(try text(silu, [0, .nan]))
    #expect(nan.hasPrefix("element [0, 1] is NaN: exact 0.731058578630, bound ") && !nan.contains("margin"), "\(nan)")
    let infinite = try #require(try text(silu, [0, -.infinity]))
    #expect(infinite.hasPrefix("element [0, 1] is infinite: yours -inf, exact 0.731058578630"), "\(infinite)")
    #expect(
      try text("gate gate=[1x1]:0x0p+0 x=[1x1]:0x0p+0", [1]) == "element [0, 0] is wrong: yours 1.0, exact 0.0, bound 0"
    )
    #expect(try text(silu, Catalogue.engine(try CheckedCase(try CaseLine.parse(silu))).elements) == nil)
  }

  /// A long row that fails wherever it is longer than a block: short numbers, no more cases than allowed, and nothing after
  /// the end of the time.
  @Test func limitsHoldWhateverTheSize() throws {
    let row = (0..<16_384).map { Float($0 % 97) * 0.37 + 0.1 }
    let input = LayerCase(layer: .relu, tensors: ["x": .real(Activation(shape: [1, row.count], elements: row))])
    let asked = Asked()
    let judge: Shrinker.Judge = { input in
      asked.count.wrappingAdd(1, ordering: .relaxed)
      return input.outputCount > 1024
        ? LocalDrift(unmeasured: "crash: of long rows") : LocalDrift(nothingClaimedOf: input.real("x"))
    }
    let drift = try judge(try CheckedCase(input))
    let shrunk = Shrinker.failure(input, drift, budget: 300, judge: judge)
    #expect(asked.now <= 301)
    #expect(shrunk.tensors["x"]?.shape[1] ?? 0 < 2048)
    #expect(CaseLine(shrunk).text.hasSuffix(":0x0p+0" + String(repeating: ",0x0p+0", count: shrunk.columns - 1)))
    asked.count.store(0, ordering: .relaxed)
    let early = Shrinker.failure(
      input, margin: drift.margin, kind: drift.failure, budget: 1_000_000, judge: judge,
      isOver: { asked.now >= 5 })
    #expect(asked.now == 5 && early.columns < input.columns)
  }

  private final class Asked: Sendable {
    let count = Atomic(0)
    var now: Int { count.load(ordering: .relaxed) }
  }

  /// The first case takes no time to decide, a smaller one far longer than there is.
  @Test func aSmallerCaseThatTakesLongIsLeftBehind() throws {
    let row = [Float](repeating: 0.7, count: 64)
    let input = LayerCase(layer: .relu, tensors: ["x": .real(Activation(shape: [1, 64], elements: row))])
    let wrong = LocalDrift(unmeasured: "crash: always")
    let start = ContinuousClock.now
    let end = start + .milliseconds(200)
    let judge: Shrinker.Judge = { _ in
      Thread.sleep(forTimeInterval: 30)
      return wrong
    }
    let failure = Shrinker.failure(
      input, margin: wrong.margin, kind: wrong.failure, budget: 10, judge: judge, isOver: { ContinuousClock.now >= end }
    )
    #expect(failure == input)
    let within = try Catalogue.judge(CheckedCase(input))
    let record = Shrinker.record(input, within, budget: 10, judge: judge, isOver: { ContinuousClock.now >= end })
    #expect(record == input)
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  /// A run whose failure takes long to make smaller ends, with the failure as it was found, and says that it was cut short.
  @Test func aRunEndsWhenTheTimeForShrinkingDoes() throws {
    let told = Mutex<[FuzzRun.Progress.Shrinking]>([])
    let run = FuzzRun(
      layer: .relu, strategies: [.random], seed: 1, shrinking: .init(time: .milliseconds(200)),
      judge: { input, number in
        if number == nil { Thread.sleep(forTimeInterval: 30) }
        return LocalDrift(unmeasured: "crash: always")
      })
    let start = ContinuousClock.now
    let report = try run.report(
      2,
      progress: { now in
        if let step = now.shrinking { told.withLock { $0.append(step) } }
      })
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(report.failed == 2 && report.failures.count >= 1)
    #expect(report.failures.allSatisfy { (try? CaseLine.parse($0.replay)) == run.makeCase($0.number ?? -1) })
    let steps = told.withLock { $0 }
    #expect(steps.contains { $0.tried == 1 && !$0.isCutShort } && steps.contains { $0.isCutShort })
    #expect(steps.allSatisfy { $0.failures == report.failures.count })
  }

  @Test func aRecordKeepsItsScore() throws {
    let report = try FuzzRun(layer: .linear, strategies: [.random], seed: 2).report(40)
    let greatest = try #require(report.greatest)
    let input = try CaseLine.parse(greatest.replay)
    let drift = Catalogue.judge(try CheckedCase(input))
    let shrunk = Shrinker.record(input, drift) { Catalogue.judge($0) }
    #expect(Catalogue.judge(try CheckedCase(shrunk)).margin >= drift.margin * Shrinker.recordFraction)
    #expect(CaseLine(shrunk).text.count < greatest.replay.count)
  }
}

extension LayerCase {
  fileprivate var columns: Int { tensors["x"]?.shape.last ?? 0 }
}
