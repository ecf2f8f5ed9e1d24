import PlumbCases
import PlumbModel
import PlumbReference
import PlumbVerdicts
import Synchronization

/// Many cases of one layer, each decided.
///
/// The cases are numbered, and the strategies take turns; search, where it takes part, has the last turn. They are dealt
/// out in pieces of one strategy, and each piece depends on its own number alone: jobs and shards change no case.
package struct FuzzRun: Sendable {
  /// Decides a case of the given number; without one, of the corpus or while shrinking.
  package typealias Judge = @Sendable (CheckedCase, Int?) throws -> LocalDrift

  /// The limits of what may be done to shrink the failures.
  package struct ShrinkingLimits: Sendable {
    /// The most cases that may be decided for one failure.
    package let cases: Int
    /// The longest time for all failures together; a case that is still being decided then is left undecided.
    package let time: Duration

    /// Makes limits.
    package init(cases: Int = 1000, time: Duration = .seconds(60)) {
      self.cases = cases
      self.time = time
    }
  }

  private let layer: LayerKind
  let strategies: [Strategy]
  private let searches: Bool
  private let objective: Objective
  private let seed: UInt64
  let drawn: CaseSequence
  private let shape: [String: Int]
  private let attributes: FixedAttributes
  let shrinking: ShrinkingLimits
  let subject: FuzzSubject
  private let judge: Judge
  let isFiltered: Bool

  /// Makes a run over `strategies` in turn, and a search for the greatest `objective` where it `searches`.
  ///
  /// Without a `judge`, the output of the `subject` is decided by the filter, and where that cannot tell, by the exact path.
  /// The numbers of what is drawn and of what the corpus holds are rounded to the formats of its arithmetic before.
  ///
  /// Failures of another engine are decided several times: it may answer otherwise.
  ///
  /// - Parameters:
  ///   - shape: extents that every case has, by name.
  ///   - attributes: attributes that every case has, also one that is made smaller.
  ///   - pass: where recorded numbers come from; `nil` for the pass of the model that comes with the package.
  /// - Precondition: there is a strategy, or it searches.
  package init(
    layer: LayerKind, strategies: [Strategy], searches: Bool = false, objective: Objective = .margin, seed: UInt64,
    shape: [String: Int] = [:], attributes: FixedAttributes = .none, pass: RecordedPass? = nil,
    shrinking: ShrinkingLimits = ShrinkingLimits(),
    subject: FuzzSubject = .engine(.engine), judge: Judge? = nil
  ) {
    precondition(searches || !strategies.isEmpty, "a run without strategies has no cases")
    self.layer = layer
    self.strategies = strategies
    self.searches = searches
    self.objective = objective
    self.seed = seed
    self.shape = shape
    self.attributes = attributes
    drawn = CaseSequence(
      layer: layer, strategies: strategies, seed: seed, shape: shape, attributes: attributes, pass: pass)
    self.shrinking = shrinking
    self.subject = subject
    self.judge = judge ?? { input, number in try subject.judge(input, number: number) }
    isFiltered = judge == nil
  }

  /// The number of cases of a piece, and of a climb.
  static let pieceSize = 512

  var turns: Int { strategies.count + (searches ? 1 : 0) }

  /// The case number `number` of a run that does not search: the strategies take turns.
  ///
  /// - Precondition: there is a strategy.
  package func makeCase(_ number: Int) -> LayerCase {
    subject.arithmetic.prepared(drawn[number])
  }

  /// Decides the lines of `corpus`, then the first `count` cases, or `shard`'s share of them, on `jobs` threads.
  ///
  /// Lines of the corpus with other extents or attributes than the fixed ones are left out. It stops early when `isInterrupted`, which
  /// leaves the report incomplete, or when `isDone`. `progress` is called with what one of the jobs has found, but
  /// the cases of all. The corpus is the first shard's. Each kept failure is shrunk at the end, unless interrupted.
  ///
  /// - Throws: `CaseError` or `DriftError`, which are bugs of the generators or of the reference.
  package func report(
    _ count: Int, corpus: [CorpusEntry] = [], jobs: Int = 1,
    shard: Shard = .whole,
    isInterrupted: @Sendable () -> Bool = { false }, isDone: @Sendable () -> Bool = { false },
    progress: @Sendable (Progress) -> Void = { _ in }
  ) throws -> FuzzReport {
    // What time limits has no number of cases.
    let plan = plan(cases: count == .max ? nil : count)
    var report = FuzzReport(layer: layer.rawValue, run: plan, seed: seed, shard: shard)
    for entry in corpus where shard.index == 0 && attributes.hold(of: entry.input) && !isInterrupted() {
      let input = try CheckedCase(subject.arithmetic.prepared(entry.input))
      guard input.hasExtents(shape) else { continue }
      report.add(try judge(input, nil), of: input.source, elements: input.outputCount, corpusLine: entry.line)
    }
    let deal = Deal()
    let replayed = report.cases
    let parts = try concurrentMap(jobs) { job in
      var part = FuzzReport(layer: layer.rawValue, run: plan, seed: seed, shard: shard)
      func mustStop() -> Bool { isInterrupted() || isDone() }
      while !mustStop() {
        let piece = deal.next.wrappingAdd(1, ordering: .relaxed).oldValue * shard.count + shard.index
        guard piece / turns * Self.pieceSize * turns + piece % turns < count else { break }
        // A report for each piece: which failures are kept must not depend on who decides which pieces.
        let report = try decide(piece, below: count, part, mustStop: mustStop) { margin, ulps in
          let total = deal.decided.wrappingAdd(1, ordering: .relaxed).newValue
          guard job == 0 else { return }
          progress(Progress(cases: replayed + total, greatestMargin: margin, worstUlps: ulps))
        }
        part.join(report)
      }
      return part
    }
    for part in parts { report.join(part) }
    report.isComplete = !isInterrupted()
    if report.isComplete {
      let (cases, margin, ulps) = (report.cases, report.greatest?.margin ?? 0, report.worstUlps)
      try withoutActuallyEscaping(isInterrupted) { isInterrupted in
        try withoutActuallyEscaping(progress) { progress in
          try FailureReview(
            subject: subject, judge: judge, limits: shrinking, keeping: Set(attributes.texts.keys),
            isInterrupted: isInterrupted
          ).review(&report.failures) { step in
            progress(Progress(cases: cases, greatestMargin: margin, worstUlps: ulps, shrinking: step))
          }
          let causes = try causes(of: report.failures, below: count, isInterrupted: isInterrupted)
          (report.explanations, report.otherArithmetics) = (causes?.bugs, causes?.arithmetics)
          if report.failed == 0, shard.index == 0 {
            report.typical = try typical(below: count, isInterrupted: isInterrupted)
          }
        }
      }
    }
    return report
  }

  private func plan(cases: Int?) -> RunPlan {
    RunPlan(
      layers: [layer.rawValue], cases: cases, strategies: strategies.map(\.rawValue) + (searches ? ["search"] : []),
      objective: searches ? objective.rawValue : nil, shape: shape, attributes: attributes.texts)
  }

  /// The progress of a run.
  package struct Progress: Sendable {
    /// The number of cases decided.
    package let cases: Int
    /// The greatest margin.
    package let greatestMargin: Double
    /// The greatest distance, in ulps.
    package let worstUlps: Double
    /// The progress in making the failures smaller; `nil` while cases are decided.
    package var shrinking: Shrinking?

    /// The progress in making the failures of a run smaller.
    package struct Shrinking: Sendable {
      /// The number of the failure, from 1.
      package let failure: Int
      /// The number of failures.
      package let failures: Int
      /// The number of smaller cases of it that have been decided.
      package internal(set) var tried = 0
      /// Whether the time ended before nothing smaller was left to try.
      package internal(set) var isCutShort = false
    }
  }

  /// The state that the jobs share.
  private final class Deal: Sendable {
    let next = Atomic(0)
    let decided = Atomic(0)
  }

  /// Decides the cases of one piece in order; `part` is what the same job has found before.
  private func decide(
    _ piece: Int, below count: Int, _ part: FuzzReport, mustStop: () -> Bool,
    progress: (_ greatestMargin: Double, _ worstUlps: Double) -> Void
  ) throws -> FuzzReport {
    var report = FuzzReport(layer: layer.rawValue, run: part.run, seed: seed, shard: part.shards[0])
    var candidates = RecordCandidates()
    let (block, turn) = (piece / turns, piece % turns)
    var climb =
      turn == strategies.count
      ? Climb(layer: layer, seed: seed, index: block, shape: shape, attributes: attributes) : nil
    let generator = turn < strategies.count ? drawn.generators[turn] : nil
    let known = (margin: part.greatest?.margin ?? 0, ulps: part.worstUlps)
    for index in block * Self.pieceSize..<(block + 1) * Self.pieceSize {
      let number = index * turns + turn
      if number >= count || mustStop() { break }
      guard let drawn = climb?.next() ?? generator?.makeCase(index) else { break }
      let input = subject.arithmetic.prepared(drawn)
      let checked = try CheckedCase(input)
      let answer = isFiltered ? try subject.answer(checked, number: number) : nil
      // What is outside is always the exact path's to say.
      if case .output(let output)? = answer,
        let drift = Filter.judge(checked, output: output, in: subject.arithmetic), drift.verdict != .outside
      {
        climb?.learn(input, score: objective.score(of: drift))
        report.add(drift)
        candidates.note(drift, of: input, output, number: number)
      } else {
        let drift =
          if let answer { try subject.arithmetic.judge(checked, answer: answer) } else { try judge(checked, number) }
        climb?.learn(input, score: objective.score(of: drift))
        report.add(drift, of: input, elements: checked.outputCount, number: number)
      }
      progress(
        max(known.margin, report.greatest?.margin ?? 0, candidates.greatestMargin),
        max(known.ulps, report.worstUlps, candidates.worstUlps))
    }
    try candidates.settle(&report, beyond: known.margin, known.ulps, in: subject.arithmetic)
    return report
  }
}
