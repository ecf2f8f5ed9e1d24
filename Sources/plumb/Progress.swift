import Synchronization

/// One line on the standard error stream that says how far the work is; silent where nobody watches.
final class Progress: Sendable {
  private let width = Mutex(0)

  /// Replaces the line by `text`.
  func show(_ text: String) {
    guard StandardError.isTerminal else { return }
    width.withLock { width in
      let line = String(text.prefix(79))
      StandardError.write("\r" + line + String(repeating: " ", count: max(0, width - line.count)))
      width = line.count
    }
  }

  /// Removes the line.
  func clear() {
    guard StandardError.isTerminal else { return }
    width.withLock { width in
      StandardError.write("\r" + String(repeating: " ", count: width) + "\r")
      width = 0
    }
  }
}
