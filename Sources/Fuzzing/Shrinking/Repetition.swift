import PlumbVerdicts

/// The counts of how often a failure came again when its case was decided again.
package struct Repetition: Sendable, Codable, Hashable {
  /// The number of times that the case was decided again by a process that had answered other requests before.
  package internal(set) var replays = 0
  /// The number of times that it failed then.
  package internal(set) var failed = 0
  /// The number of times that it was the first request of a new process.
  package internal(set) var renewals = 0
  /// The number of times that it failed then.
  package internal(set) var failedAnew = 0

  /// The sentence about it; `nil` where it came again each time.
  package var text: String? {
    if failed == replays && failedAnew == renewals { return nil }
    func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }
    let again = "replayed \(times(replays)), failed \(failed)"
    let anew =
      renewals > 0 ? "; as the first request of a new process \(times(renewals)), failed \(failedAnew)" : ""
    let reason =
      switch (failed, failedAnew) {
      case (0, 0): "did not come again, so the engine is not deterministic, or keeps state between requests"
      case (replays, 0): "came only after other requests to the same process, as if it kept state between them"
      case (0, renewals): "came only at the first request of a process, as if it kept state between requests"
      default: "did not come each time, so the engine is not deterministic, or keeps state between requests"
      }
    return "\(reason): \(again)\(anew)"
  }
}

/// The case of a failure of another engine, decided again.
package struct Rehearsal {
  private let engine: EngineCommand
  private let decide: () throws -> FailureKind?

  /// The most times that a case is decided again, and the longest time for that; once it always is.
  private static let most = 10
  private static let patience = Duration.seconds(2)

  /// Repeats by `decide` what `engine` is asked.
  package init(_ engine: EngineCommand, decide: @escaping () throws -> FailureKind?) {
    self.engine = engine
    self.decide = decide
  }

  /// The numbers of decisions, and of failures among them, in the processes as they are.
  package func again() throws -> (times: Int, failed: Int) { try count(Self.most) {} }

  /// The numbers of decisions, and of failures among them, each as the first request of a new process.
  package func anew(_ most: Int) throws -> (times: Int, failed: Int) { try count(most) { engine.renew() } }

  private func count(_ most: Int, _ prepare: () -> Void) throws -> (times: Int, failed: Int) {
    let end = ContinuousClock.now + Self.patience
    var (times, failed) = (0, 0)
    repeat {
      prepare()
      times += 1
      if try decide() != nil { failed += 1 }
    } while times < most && ContinuousClock.now < end
    return (times, failed)
  }
}
