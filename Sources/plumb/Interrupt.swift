import Dispatch
import Foundation
import PlumbEngine
import PlumbFormats
import Synchronization

/// Ctrl-C as a request: the work ends at the next case, and the report so far is printed.
///
/// A command that has nothing to say before its end ends at once. Either way the exit status is 130, and no file is left half
/// written.
final class Interrupt: Sendable {
  /// The exit status of an interrupted command: 128 and the number of SIGINT, as shells have it.
  static let exitStatus: Int32 = 130

  private static let shared = Interrupt()
  private let requested = Atomic(false)
  private let watchers = Atomic(0)
  private let task = Mutex<Task<Void, Never>?>(nil)

  private init() {}

  /// Whether somebody asked for an end.
  var isRequested: Bool { requested.load(ordering: .relaxed) }

  /// Whether somebody asked for an end.
  static var isRequested: Bool { shared.isRequested }

  /// Makes `body`'s interruptions requests, until it returns; a second one ends the process at once.
  static func watched<Result, Failure: Error>(
    _ body: (Interrupt) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    shared.watchers.wrappingAdd(1, ordering: .relaxed)
    defer { shared.watchers.wrappingSubtract(1, ordering: .relaxed) }
    return try body(shared)
  }

  /// The result of `body`; `nil` where an end was asked for within it.
  static func unlessCancelled<Result>(
    _ body: () throws(Engine.PassError) -> Result?
  ) throws(Engine.PassError) -> Result? {
    do throws(Engine.PassError) {
      return try body()
    } catch {
      guard error == .cancelled, isRequested else { throw error }
      return nil
    }
  }

  /// Runs `body` in a task, which interruptions cancel, and ends the process with the exit status that it returns.
  static func run(_ body: @escaping @Sendable () -> Int32) -> Never {
    signal(SIGINT, SIG_IGN)
    // A queue of its own has a thread of its own, however busy the others are.
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: DispatchQueue(label: "interruptions"))
    source.setEventHandler { shared.receive() }
    source.resume()
    let timer = ProgressLine.timer()
    shared.task.withLock { $0 = Task.detached { exit(body()) } }
    // The task ends the process; what listens and what counts must live until then.
    while true { withExtendedLifetime((source, timer)) { _ = pause() } }
  }

  private func receive() {
    let isFirst = !requested.exchange(true, ordering: .relaxed)
    if isFirst && watchers.load(ordering: .relaxed) > 0 {
      ProgressLine.show("interrupted: ending with what there is; once more ends it at once")
      return task.withLock { $0?.cancel() }
    }
    AtomicFile.whileNoneIsWritten {
      StandardError.write("plumb: interrupted\n")
      _exit(Self.exitStatus)
    }
  }
}

/// An end that somebody asked for, before there was a report; the message is one line for that person.
struct Interrupted: Error {
  let message: String
}
