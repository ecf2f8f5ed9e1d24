import Dispatch
import Foundation
import Synchronization

/// Ctrl-C as a request: the work ends at the next case, and the report so far is printed.
final class Interrupt: Sendable {
  private let requested = Atomic(false)

  /// Whether somebody asked for an end.
  var isRequested: Bool { requested.load(ordering: .relaxed) }

  private init() {}

  /// Makes `body`'s interruptions requests, until it returns; a second one then ends the process at once.
  static func watched<Result>(_ body: (Interrupt) throws -> Result) rethrows -> Result {
    let interrupt = Interrupt()
    let before = signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
      interrupt.requested.store(true, ordering: .relaxed)
      signal(SIGINT, SIG_DFL)
    }
    source.resume()
    defer {
      source.cancel()
      signal(SIGINT, before)
    }
    return try body(interrupt)
  }
}
