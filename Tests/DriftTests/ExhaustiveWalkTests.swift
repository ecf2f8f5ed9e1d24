import Foundation
import PlumbEngine
import PlumbVerdicts
import Testing

@testable import PlumbExhaustion
@testable import PlumbReports

/// Short stretches of the walks that a release build does whole, and walks past planted faults.
@Suite struct ExhaustiveWalkTests {
  /// Around 0, turning points, the ends of reductions, overflow and underflow.
  static let starts: [Float] = [
    -.greatestFiniteMagnitude, -710, -690, -104, -88.1, -37.7, -10, -2.5001, -1.76777, -1.27847, -0.75247, -0.751793,
    -0.5, -0.25, -0x1p-20, -0x1p-126, -0x1p-140, 0x1p-126, 0x1p-30, 0.2499, 0.41419, 0.5, 0.99999, 1, 1.5707963, 2.4999,
    3.1415925, 5.5, 26, 37, 88.72, 354, 0x1.fffff8p23, 0x1p40, 0x1p100,
  ]

  @Test(arguments: Engine.ElementaryFunction.allCases) func `stretches are within the declared accuracy`(
    _ function: Engine.ElementaryFunction
  ) throws {
    let walk = try ExhaustiveWalk(function)
    for start in Self.starts {
      let report = walk.report(start...Float(place: start.place + 99))
      #expect(report.inputs == 100 && report.isComplete)
      #expect(report.isWithin, "\(function) from \(start): \(report.failures) \(report.firstViolation ?? "")")
    }
    let zeros = walk.report(0...0)
    #expect(zeros.inputs == 2 && zeros.isWithin, "both zeros")
  }

  @Test(arguments: Engine.ElementaryFunction.allCases) func `infinities and NaNs give what is declared`(
    _ function: Engine.ElementaryFunction
  ) throws {
    // From −∞ and +∞ on, where the range's end is an infinity too.
    let walk = try ExhaustiveWalk(function)
    for end in [-Float.infinity, .infinity] {
      let report = walk.report(end...end)
      #expect(report.inputs == 1 && report.isWithin)
      let faulty = try ExhaustiveWalk(function) { $0.map { _ in 0.75 } }
      #expect(faulty.report(end...end).outside == 1)
    }
  }

  @Test func `a number where there is no value is found`() throws {
    let walk = try ExhaustiveWalk(.logarithm) { inputs in
      zip(inputs, Engine.ElementaryFunction.logarithm.values(inputs)).map { $0 == -1 ? 0 : $1 }
    }
    let report = walk.report(-1.0001 ... -0.9999)
    #expect(report.outside == 1 && report.failures.map(\.input) == [-1])
  }

  @Test func `subnormals whose half lies between two numbers are decided by the filter`() throws {
    // silu(x) lies above x/2, which the engine cannot see: half of the odd ones are rounded down.
    let report = try ExhaustiveWalk(.silu).report(.leastNonzeroMagnitude...0x1p-140)
    #expect(report.inputs == 512 && report.isWithin && report.correctlyRounded < 512 && report.decidedExactly == 0)
    #expect(report.furthest.map { $0.ulps > 0.5 && $0.ulps < 0.5000001 } == true)
  }

  @Test func `a last bit that is wrong is found, and reported with its input`() throws {
    // e^x ≥ 1 there: the neighbour of a correctly rounded value is between ½ and 1½ ulps off.
    let fault: Float = 0x1.8p0
    let walk = try ExhaustiveWalk(.exponential) { inputs in
      zip(inputs, Engine.ElementaryFunction.exponential.values(inputs)).map { $0 == fault ? $1.nextUp : $1 }
    }
    let report = walk.report(1.4...1.6, jobs: 2)
    #expect(report.outside == 1 && !report.isWithin)
    #expect(report.failures.map(\.input) == [fault])
    #expect(report.furthest?.input == fault)
    #expect(report.furthest.map { $0.ulps > 0.5 && $0.ulps <= 1.5 } == true)
  }

  @Test func `results in the wrong order are counted, on both sides of a minimum`() throws {
    // Constant but for one dip: the function falls before −1.2784645… and rises after it.
    for (start, dips) in [(Float(-1.27855), 1), (-1.2783, 1)] {
      let walk = try ExhaustiveWalk(.silu) { inputs in
        inputs.map { $0 == Float(place: start.place + 10) ? -0.3 : -0.2 }
      }
      let report = walk.report(start...Float(place: start.place + 20))
      #expect(report.monotonicityViolations == dips && report.firstViolation != nil)
      #expect(report.outside == 21, "neither constant is near the minimum of −0.278")
    }
  }

  @Test func `neighbours whose exact values lie closer than the filter's errors are in order or not`() throws {
    // tanh rises everywhere; here by less than 2⁻⁵³ from a Float32 to the next, and so below the filter's errors. A result that
    // falls is in the wrong order wherever the filter's values happen to fall.
    let start: Float = 16
    let walk = try ExhaustiveWalk(.hyperbolicTangent) { inputs in
      inputs.map { ($0.place - start.place) % 2 == 0 ? 1 : Float(1).nextDown }
    }
    let report = walk.report(start...Float(place: start.place + 200))
    #expect(report.monotonicityViolations == 100)
  }

  @Test func `an order that no precision decides is counted as undecided`() throws {
    // 1 − erf x < e^(−x²) (DLMF 7.8.3): from 100 on it takes more than 14,000 bits to tell one value from 1 or the next.
    let start: Float = 100
    let walk = try ExhaustiveWalk(.errorFunction) { inputs in
      inputs.map { ($0.place - start.place) % 2 == 0 ? 1 : Float(1).nextDown }
    }
    let report = walk.report(start...Float(place: start.place + 20))
    #expect(report.undecided == 20 && report.firstUndecided == start.nextUp.hexadecimal && !report.isWithin)
    #expect(report.monotonicityViolations == 0)
    #expect(ExhaustiveTable([report]).text.contains("undecided: erf at \(start.nextUp.hexadecimal), and 19 more\n"))
    #expect(ExhaustiveReport.junit([report]).contains("20 results or orders are undecided"))
    var both = ExhaustiveReport(.errorFunction, .portable)
    both.join(report)
    #expect(both.undecided == 20 && both.firstUndecided == report.firstUndecided)
  }

  @Test(arguments: Engine.ElementaryFunction.allCases) func `a zero has its sign`(
    _ function: Engine.ElementaryFunction
  ) throws {
    #expect(try ExhaustiveWalk(function).report(-0x1p-148...0x1p-148).isWithin)
    // −0 for +0 and +0 for −0: all zeros there are.
    let zeros: [Float] = [-0.0, 0, -200, -104].filter { function.values([$0])[0] == 0 }
    let turned = try ExhaustiveWalk(function) { inputs in function.values(inputs).map { $0 == 0 ? -$0 : $0 } }
    for x in zeros where x != 0 { #expect(turned.report(x...x).outside == 1, "\(x)") }
    #expect(turned.report(0...0).outside == zeros.count { $0 == 0 })
  }

  @Test func `jobs and pieces change no report, and an interruption is told`() throws {
    let walk = try ExhaustiveWalk(.geluTanh)
    let alone = walk.report(-1.01 ... -1)
    let shared = walk.report(-1.01 ... -1, jobs: 3)
    #expect(alone.inputs == shared.inputs && alone.correctlyRounded == shared.correctlyRounded)
    #expect(alone.decidedExactly == shared.decidedExactly && alone.furthest?.input == shared.furthest?.input)
    #expect(alone.furthest?.ulps == shared.furthest?.ulps)
    #expect(!walk.report(isInterrupted: { true }).isComplete)
  }

  @Test func `places are the order of numbers`() {
    let numbers: [Float] = [-.infinity, -1, -.leastNonzeroMagnitude, -0.0, 0, .leastNonzeroMagnitude, 2, .infinity]
    #expect(numbers.map(\.place) == numbers.map(\.place).sorted())
    #expect(numbers.allSatisfy { Float(place: $0.place).bitPattern == $0.bitPattern })
    #expect(Float(place: (-0.0 as Float).place + 1).bitPattern == 0)
  }

  /// Numbers of three pieces of a walk, with a fault in each and one between the second and the third.
  private static let range: ClosedRange<Float> = 1...Float(place: Float(1).place + 3 * (1 << 16) - 1)

  private static func faultyWalk() throws -> ExhaustiveWalk {
    try ExhaustiveWalk(.exponential) { inputs in
      zip(inputs, Engine.ElementaryFunction.exponential.values(inputs)).map { x, y in
        let place = Int(x.place - Float(1).place)
        return place % (1 << 16) == 77 || place == 2 << 16 ? y * 0.99 : y
      }
    }
  }

  @Test(arguments: [1, 2, 3, 5]) func `shards, read from JSON, are one walk`(_ count: Int) throws {
    let walk = try Self.faultyWalk()
    var whole = walk.report(Self.range)
    #expect(whole.outside == 4 && whole.monotonicityViolations == 4 && whole.inputs == 3 << 16)
    let parts = try (0..<count).map { index in
      let part = walk.report(Self.range, shard: Shard(index: index, count: count))
      return try #require(try ExhaustiveReport.read(Array(JSONEncoder().encode([part]))))
    }
    var joined = try #require(try ExhaustiveReport.joined(parts.reversed().flatMap { $0 }).first)
    #expect(joined.shards.map(\.index) == Array(0..<count))
    (joined.seconds, whole.seconds, joined.shards, whole.shards) = (0, 0, [], [])
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(try encoder.encode(joined) == encoder.encode(whole))
  }

  @Test func `what is not one walk is not joined`() throws {
    let walk = try Self.faultyWalk()
    func shard(_ index: Int, _ count: Int, _ range: ClosedRange<Float> = Self.range) -> ExhaustiveReport {
      walk.report(range, shard: Shard(index: index, count: count))
    }
    var stopped = shard(1, 2)
    stopped.isComplete = false
    for (reports, words) in [
      ([shard(0, 2)], "shard 1/2 is missing"), ([shard(0, 2), shard(0, 2)], "shard 0/2 is there twice"),
      ([shard(0, 2), shard(1, 3)], "2 and 3 shards"), ([shard(0, 2), stopped], "interrupted"),
      ([shard(0, 2), shard(1, 2, 1...2)], "of two runs, --range 0x1p+0"),
    ] {
      let error = #expect(throws: JoinError.self) { try ExhaustiveReport.joined(reports) }
      #expect(error?.problem.contains(words) == true, "\(words): \(error?.problem ?? "joined")")
    }
    #expect(try ExhaustiveReport.read(Array(#"[{"layer": "silu"}]"#.utf8)) == nil)
    #expect(throws: JoinError.self) { try ExhaustiveReport.read(Array(#"[{"function": "silu"}]"#.utf8)) }
  }
}
