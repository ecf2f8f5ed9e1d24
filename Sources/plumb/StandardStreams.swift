import Foundation
import PlumbFormats
import Synchronization

/// The standard output stream, unbuffered: text appears as it is made.
///
/// The first failure is kept, nothing more is written after it, and the command ends with it: whoever writes need not ask.
enum StandardOutput {
  private static let failed = Atomic(CInt(0))
  private static let written = Atomic(false)

  /// The error's number of the first write that failed; `nil` where none did.
  static var failure: CInt? {
    let code = failed.load(ordering: .relaxed)
    return code == 0 ? nil : code
  }

  /// Whether anything was printed.
  static var isBegun: Bool { written.load(ordering: .relaxed) }

  /// Whether a person watches.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Whether colours are wanted: on a terminal that knows them, unless `NO_COLOR` says no (https://no-color.org).
  static var isColoured: Bool {
    let environment = ProcessInfo.processInfo.environment
    return isTerminal && environment["TERM"] != "dumb" && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Writes `text` at once.
  static func write(_ text: String) {
    guard failure == nil, !text.isEmpty else { return }
    ProgressLine.interrupted(leavingLineOpen: isTerminal && text.last?.isNewline == false) {
      written.store(true, ordering: .relaxed)
      if let code = Descriptor.write(text.utf8, to: STDOUT_FILENO) { failed.store(code, ordering: .relaxed) }
    }
  }

  /// Writes `text` as a line.
  static func print(_ text: String) { write(text + "\n") }
}

/// Prints by `StandardOutput` in place of the standard library's function, which says nothing where it fails.
func print(_ text: String, terminator: String = "\n") { StandardOutput.write(text + terminator) }

/// The standard error stream; what cannot be written there is nobody's to read.
enum StandardError {
  /// Whether a person watches.
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Writes `text` at once.
  static func write(_ text: String) {
    ProgressLine.interrupted(leavingLineOpen: false) { _ = Descriptor.write(text.utf8, to: STDERR_FILENO) }
  }
}

/// The standard streams as the process was given them.
enum StandardStreams {
  private static let ignoredPipes = Atomic(false)

  /// Makes the standard streams safe to use, before anything is opened.
  ///
  /// A stream that is closed would give its number to the first file that is opened, and what is printed would be written
  /// into that: it is opened so that its use fails. A closed pipe becomes an error to handle, not a signal to die of.
  ///
  /// - Throws: `BadInput` where nothing could be printed.
  static func prepare() throws(BadInput) {
    for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)] {
      // Sound: the path is a literal. The lowest free number is `descriptor`, as those before it are open.
      if fcntl(descriptor, F_GETFD) == -1 { _ = unsafe open("/dev/null", mode) }
    }
    // Sound: the handler is compared as a number, and never called. 1 is SIG_IGN in every system's headers.
    let before = unsafe unsafeBitCast(signal(SIGPIPE, SIG_IGN), to: Int.self)
    ignoredPipes.store(before == 1, ordering: .relaxed)
    guard fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE != O_RDONLY else {
      throw BadInput(
        message:
          "the standard output is closed, and what is found could not be printed; redirect it, if only to /dev/null")
    }
  }

  /// The exit status of a process that would end with `status`: 2 where something could not be printed.
  ///
  /// The process ends as is usual, quietly by SIGPIPE, where the reader of the standard output closed it, as `head` does.
  static func exitStatus(_ status: Int32) -> Int32 {
    guard let code = StandardOutput.failure else { return status }
    if code == EPIPE && !ignoredPipes.load(ordering: .relaxed) {
      signal(SIGPIPE, SIG_DFL)
      raise(SIGPIPE)
    }
    StandardError.write("plumb: the standard output cannot be written (\(Descriptor.message(code))); check the disk\n")
    return 2
  }
}
