import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Synchronization

/// Another engine: a command that computes layers, asked over its standard input and output.
///
/// The command is started when the first case is there, and again after it crashed, hung or answered rubbish. Threads that
/// ask at once have a process each.
package final class EngineCommand: Sendable {
  /// The command, as the shell gets it.
  package let command: String
  /// The arithmetic that its bounds are computed for.
  package let arithmetic: Arithmetic
  private let timeLimit: Duration
  private let state = Mutex(State())

  private struct State {
    var idle: [EngineProcess] = []
    /// Whether cases are decided again.
    var isAside = false
    /// The number of requests, but for those aside.
    var requests = 0
    /// Whether there ever was a whole reply.
    var hasReplied = false
    /// The number of requests without one before there was any.
    var unanswered = 0
    /// The number of replies with text before or behind them.
    var printed = 0
  }

  /// The number of requests that may fail before the engine is given up: without a single reply, or by text among the replies.
  static let attempts = 3

  /// The time that an engine has for one reply, unless told otherwise.
  package static let usualTimeLimit: Duration = .seconds(10)

  /// Makes an engine of `command`, run by `/bin/sh -c`.
  package init(
    _ command: String, arithmetic: Arithmetic = .model(.f32), timeLimit: Duration = EngineCommand.usualTimeLimit
  ) {
    self.command = command
    self.arithmetic = arithmetic
    self.timeLimit = timeLimit
  }

  /// The output for `input`, the case `number` of a run, held against its bounds.
  ///
  /// *Edge cases*: without an output that can be measured the case is *outside*, and `problem` says why; with an attribute
  /// of which nothing is proved it is outside the domain.
  /// - Throws: `EngineCommandError` where the command does not start, `DriftError` where no precision decides.
  package func judge(_ input: CheckedCase, number: Int? = nil) throws -> LocalDrift {
    try arithmetic.judge(input, answer: try answer(input, number: number))
  }

  /// The answer to `input`, the case `number` of a run.
  ///
  /// - Throws: `EngineCommandError` where the command does not start, or is given up.
  func answer(_ input: CheckedCase, number: Int?) throws -> EngineAnswer {
    do {
      return .output(try output(input, number: number))
    } catch let failure as EngineFailure {
      return .failure(failure)
    }
  }

  /// Decides cases again by `body`, to repeat or to shrink a failure.
  ///
  /// The processes' standard error streams are not passed on, and the engine is not given up, however often they fail.
  package func aside<Result>(_ body: () throws -> Result) rethrows -> Result {
    let before = state.withLock { state in
      defer { state.isAside = true }
      return state.isAside
    }
    defer { state.withLock { $0.isAside = before } }
    return try body()
  }

  /// Ends the processes that wait for requests: a new one answers the next.
  package func renew() {
    let idle = state.withLock { state in
      defer { state.idle = [] }
      return state.idle
    }
    // Outside the lock: each has some time to end.
    _ = idle
  }

  /// The engine's output.
  private func output(_ input: CheckedCase, number: Int?) throws -> Activation<Float> {
    let process: EngineProcess
    let (idle, isAside) = state.withLock { state in
      if !state.isAside { state.requests += 1 }
      return (state.idle.popLast(), state.isAside)
    }
    if let idle {
      process = idle
    } else {
      guard let made = EngineProcess(command) else {
        throw EngineCommandError(problem: "'\(command)': the operating system starts no process")
      }
      process = made
    }
    let reply: [UInt8]
    do {
      reply = try process.exchange(
        EngineMessage.request(input, number: number), limit: timeLimit,
        greatest: EngineMessage.greatestReply(to: input), isMuted: isAside)
    } catch {
      try giveUp(after: error, of: process)
      throw error
    }
    state.withLock {
      $0.hasReplied = true
      $0.idle.append(process)
    }
    return try EngineMessage.output(reply, to: input)
  }

  /// Gives the engine up where it has never replied, or where much of what it writes is no reply but text.
  private func giveUp(after failure: EngineFailure, of process: EngineProcess) throws(EngineCommandError) {
    let problem = state.withLock { state -> String? in
      // The shell says with these that there is no such command, or that it is none.
      let isMissing = failure.kind == .crash && [126, 127].contains(process.exitStatus) && !state.hasReplied
      if isMissing { return "does not start: it \(failure.detail)" }
      if state.isAside { return nil }
      if failure.isPrinted { state.printed += 1 }
      if state.printed >= Self.attempts && 4 * state.printed >= state.requests {
        return "prints to its standard output: \(failure.detail)"
      }
      if state.hasReplied { return nil }
      state.unanswered += 1
      guard state.unanswered >= Self.attempts else { return nil }
      return switch failure.kind {
      case .crash: "ended \(state.unanswered) times without a reply: it \(failure.detail)"
      case .hang: "does not answer: \(failure.detail)"
      case .rubbish, .wrongType, .wrongShape: "does not speak the protocol of page YourKernel: \(failure.detail)"
      }
    }
    if let problem { throw EngineCommandError(problem: "the engine '\(command)' \(problem)") }
  }
}
