import Dispatch
import Foundation
import PlumbFormats
import Synchronization

/// One line on the standard error stream that says how far the work is; silent where nobody watches.
struct Progress: Sendable {
  /// Replaces the line by `text`.
  func show(_ text: String) { ProgressLine.show(text) }

  /// Removes the line.
  func clear() { ProgressLine.clear() }
}

/// The line of the terminal that all progress shares.
///
/// It is written at most ten times a second. A timer shows what came between, and how long the work has said nothing new, so
/// that nobody waits in front of an empty terminal.
enum ProgressLine {
  private struct State {
    /// The last words of the work, and when they came.
    var text = usual
    var said = ContinuousClock.now
    /// The time at which the line was last written, and its width.
    var written: ContinuousClock.Instant?
    var width = 0
    /// Whether the line holds what the work said last.
    var isCurrent = true
    /// Whether what is printed stands in the line.
    var isTaken = false
  }

  private static let usual = "working"
  private static let state = Mutex(State())
  /// Ten writes a second.
  private static let pause = Duration.milliseconds(100)
  /// The time for which the work may say nothing before its seconds are counted.
  private static let silence = Duration.seconds(1)

  /// Starts the timer, where somebody watches; the caller keeps it.
  static func timer() -> (any DispatchSourceTimer)? {
    guard StandardError.isTerminal else { return nil }
    // A queue of its own has a thread of its own, however busy the others are.
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "progress"))
    timer.schedule(deadline: .now() + .milliseconds(500), repeating: .milliseconds(500))
    timer.setEventHandler { tick() }
    timer.resume()
    return timer
  }

  /// Says `text`.
  static func show(_ text: String) {
    guard StandardError.isTerminal else { return }
    state.withLock { state in
      let now = ContinuousClock.now
      if state.text != text { (state.text, state.said, state.isCurrent) = (text, now, false) }
      guard state.written.map({ now - $0 >= pause }) ?? true else { return }
      draw(text, &state, now)
      state.isCurrent = true
    }
  }

  /// Removes the line.
  static func clear() {
    guard StandardError.isTerminal else { return }
    state.withLock { state in
      erase(&state)
      (state.text, state.said, state.isCurrent) = (usual, .now, true)
    }
  }

  /// Removes the line for good.
  static func finish() {
    clear()
    state.withLock { $0.isTaken = true }
  }

  /// Calls `body`, which prints, without the line; `leavingLineOpen` when what it prints ends within a line of the terminal.
  static func interrupted(leavingLineOpen isTaken: Bool, _ body: () -> Void) {
    state.withLock { state in
      erase(&state)
      body()
      (state.isTaken, state.said) = (isTaken, .now)
    }
  }

  private static func tick() {
    state.withLock { state in
      let now = ContinuousClock.now
      let seconds = Int((now - state.said) / .seconds(1))
      if now - state.said >= silence {
        draw("\(state.text), \(seconds) s", &state, now)
      } else if !state.isCurrent {
        draw(state.text, &state, now)
      }
      state.isCurrent = true
    }
  }

  private static func draw(_ text: String, _ state: inout State, _ now: ContinuousClock.Instant) {
    guard !state.isTaken else { return }
    let line = String(text.prefix(columns - 1))
    put("\r" + line + String(repeating: " ", count: max(0, state.width - line.count)))
    (state.width, state.written) = (line.count, now)
  }

  private static func erase(_ state: inout State) {
    guard state.width > 0 else { return }
    put("\r" + String(repeating: " ", count: state.width) + "\r")
    (state.width, state.written) = (0, nil)
  }

  private static func put(_ text: String) { _ = Descriptor.write(text.utf8, to: STDERR_FILENO) }

  /// The columns of the terminal; 80 where it does not say.
  private static var columns: Int {
    var size = winsize()
    // Sound: `size` is a local of the type that the request fills.
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
    return Int(size.ws_col)
  }
}
