import Dispatch
import Foundation
import Synchronization

/// Work that is waited for only as long as somebody is willing to wait.
package enum Patience {
  /// The result of `body`; `nil` where it `isOver` before there is one, and `body` is then left behind on a thread of its own.
  package static func result<Answer: Sendable, Failure: Error>(
    isOver: () -> Bool, _ body: @escaping @Sendable () throws(Failure) -> Answer
  ) throws(Failure) -> Answer? {
    let work = Work<Answer, Failure>()
    let thread = Thread {
      let result = Result(catching: body)
      work.result.withLock { $0 = result }
      work.isDone.signal()
    }
    // As much as the main thread has.
    thread.stackSize = 8 << 20
    thread.start()
    while work.isDone.wait(timeout: .now() + .milliseconds(50)) == .timedOut {
      if isOver() { return nil }
    }
    return try work.result.withLock { $0 }?.get()
  }

  private final class Work<Answer: Sendable, Failure: Error>: Sendable {
    let result = Mutex<Result<Answer, Failure>?>(nil)
    let isDone = DispatchSemaphore(value: 0)
  }
}
