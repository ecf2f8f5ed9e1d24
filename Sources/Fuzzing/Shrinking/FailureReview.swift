import PlumbCases
import PlumbVerdicts

/// The failures of a run, looked at again: repeated where another engine may answer otherwise, and made small.
struct FailureReview {
  private let subject: FuzzSubject
  private let judge: FuzzRun.Judge
  private let limits: FuzzRun.ShrinkingLimits
  private let kept: Set<String>
  private let isInterrupted: () -> Bool
  private let deadline: ContinuousClock.Instant

  /// Makes a review of failures of `subject`, whose cases `judge` decides; their attributes `kept` stay what they are.
  init(
    subject: FuzzSubject, judge: @escaping FuzzRun.Judge, limits: FuzzRun.ShrinkingLimits,
    keeping kept: Set<String> = [], isInterrupted: @escaping () -> Bool
  ) {
    self.subject = subject
    self.judge = judge
    self.limits = limits
    self.kept = kept
    self.isInterrupted = isInterrupted
    deadline = ContinuousClock.now + limits.time
  }

  /// The time at which the next of `count` failures has had its share of what is left.
  private func share(of count: Int) -> ContinuousClock.Instant {
    let now = ContinuousClock.now
    return now + (deadline - now) / count
  }

  /// Whether nothing more is to be decided.
  private var mustStop: Bool { isInterrupted() || ContinuousClock.now >= deadline }

  /// Says of each of `failures` what its case shows, smaller where it can be, and whether it comes again.
  ///
  /// `progress` is told of each smaller case, and where the time cut it short.
  func review(
    _ failures: inout [FuzzReport.Finding], progress: @escaping (FuzzRun.Progress.Shrinking) -> Void
  ) throws {
    /// The small cases that have been repeated, by their lines.
    var repeated: [String: Repetition] = [:]
    for index in failures.indices where !mustStop {
      let input = try CaseLine.parse(failures[index].replay)
      let end = share(of: failures.count - index)
      let step = FuzzRun.Progress.Shrinking(failure: index + 1, failures: failures.count)
      guard let engine = subject.command else {
        try failures[index].take(smaller(input, failures[index], until: end, step, progress), judge)
        continue
      }
      try engine.aside {
        let rehearsal = rehearsal(input, engine)
        var repetition = Repetition()
        (repetition.replays, repetition.failed) = try rehearsal.again()
        if repetition.failed == repetition.replays {
          let small = smaller(input, failures[index], until: end, step, progress)
          let line = CaseLine(small).text
          // Where there is no time left, as after hangs, what was shrunk in the same process is believed.
          let found = try repeated[line] ?? (mustStop ? repetition : self.repeated(small, engine))
          repeated[line] = found
          if found.text == nil {
            try failures[index].take(small, judge)
            failures[index].note(found)
            return
          }
        }
        // What comes and goes is not made smaller: it would become whatever failed by chance.
        (repetition.renewals, repetition.failedAnew) = try rehearsal.anew(3)
        failures[index].note(repetition)
      }
    }
  }

  /// The counts of how often `input` fails in a new process, of which it is the first request.
  private func repeated(_ input: LayerCase, _ engine: EngineCommand) throws -> Repetition {
    var result = Repetition()
    (result.renewals, result.failedAnew) = try rehearsal(input, engine).anew(1)
    (result.replays, result.failed) = try rehearsal(input, engine).again()
    return result
  }

  private func rehearsal(_ input: LayerCase, _ engine: EngineCommand) -> Rehearsal {
    Rehearsal(engine) { try judge(CheckedCase(input), nil).failure }
  }

  private func smaller(
    _ input: LayerCase, _ failure: FuzzReport.Finding, until end: ContinuousClock.Instant,
    _ step: FuzzRun.Progress.Shrinking, _ progress: @escaping (FuzzRun.Progress.Shrinking) -> Void
  ) -> LayerCase {
    var step = step
    let small = Shrinker.failure(
      input, margin: failure.margin, kind: failure.kind, keeping: kept, budget: limits.cases, waits: subject.isCalled,
      judge: { [judge, arithmetic = subject.arithmetic] candidate in
        if arithmetic.prepared(candidate.source) != candidate.source { throw NotDecided() }
        return try judge(candidate, nil)
      },
      isOver: {
        if ContinuousClock.now >= end { step.isCutShort = true }
        return step.isCutShort || isInterrupted()
      },
      willTry: {
        step.tried += 1
        progress(step)
      })
    if step.isCutShort { progress(step) }
    return small
  }
}

/// A candidate that is not decided.
struct NotDecided: Error {}

extension FuzzReport.Finding {
  /// Shows `input`, which is this case made smaller.
  fileprivate mutating func take(_ input: LayerCase, _ judge: FuzzRun.Judge) throws {
    let line = CaseLine(input).text
    guard line != replay else { return }
    let drift = try judge(CheckedCase(input), nil)
    // An engine that answers otherwise this time has not shown it.
    guard drift.failure == kind else { return }
    replay = line
    what = drift.failureText
    shrunk = FuzzReport.Failure(drift)
  }

  /// Says how often the failure came again.
  fileprivate mutating func note(_ repetition: Repetition) {
    self.repetition = repetition
    if let text = repetition.text { what = what.map { "\($0); \(text)" } ?? text }
  }
}
